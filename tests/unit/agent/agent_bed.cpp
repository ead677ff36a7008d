#include "unit/agent/agent_bed.hpp"

#include "mcp/event_text.hpp"
#include "mcp/protocol.hpp"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace workspaced::agent::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class live_control::source : public api::event_source {
 public:
  explicit source(live_control& of) : of_(of), bell_(of.loop_, asio::steady_timer::time_point::max()) {
    place_ = of_.listeners_.insert(of_.listeners_.end(), this);
  }
  ~source() override { of_.listeners_.erase(place_); }

  asio::awaitable<std::optional<api::service_event>> next() override {
    while (waiting.empty() && !ended) {
      co_await bell_.async_wait(asio::as_tuple(asio::use_awaitable));
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return std::nullopt;
    }
    if (waiting.empty()) co_return std::nullopt;
    auto event = std::move(waiting.front());
    waiting.pop_front();
    co_return event;
  }

  void ring() { bell_.cancel(); }

  std::deque<api::service_event> waiting;
  bool ended = false;

 private:
  live_control& of_;
  asio::steady_timer bell_;
  std::list<source*>::iterator place_;
};

std::unique_ptr<api::event_source> live_control::subscribe() { return std::make_unique<source>(*this); }

void live_control::becomes(core::service_view service) {
  for (core::service_view& each : fleet.services) {
    if (each.name != service.name) continue;
    for (source* listener : listeners_) {
      listener->waiting.push_back({service, each.state});
      listener->ring();
    }
    each = service;
  }
}

void live_control::end() {
  for (source* listener : listeners_) {
    listener->ended = true;
    listener->ring();
  }
}

bed::bed(std::vector<std::string> control, other_tools* others) {
  daemon.fleet =
      workspaced::test::fleet({service("db", core::status::ready), service("web", core::status::ready, 3)});
  options settings;
  settings.version = "0.1.0";
  settings.control = std::move(control);
  settings.aggregate = others != nullptr;
  settings.log_of = [](const std::string&) { return nullptr; };
  settings.now = [] { return workspaced::test::moment; };
  server.emplace(loop.get_executor(), daemon, std::move(settings), others);
  turn();
}

bed::~bed() {
  server.reset();
  turn();
}

void bed::turn() {
  loop.restart();
  loop.poll();
}

json bed::ask(const std::string& method, json params) {
  json reply;
  const auto handle = server->routes().front().handle;
  http::request what;
  what.verb = http::method::post;
  what.granted = granted;
  params["_meta"] = {{std::string(mcp::meta::version), std::string(mcp::modern_version)},
                     {std::string(mcp::meta::capabilities), json::object()}};
  what.body = json({{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}}).dump();
  what.headers = {{"Content-Type", "application/json"},
                  {mcp::header::version, std::string(mcp::modern_version)},
                  {mcp::header::method, method}};
  if (params.contains("name"))
    what.headers.emplace_back(mcp::header::name, params["name"].get<std::string>());
  http::response first = handle(what);
  bool done = false;
  // A coroutine of its own: what it is given lives in its frame.
  const auto read = [](http::response from, json& into, bool& ended) -> asio::awaitable<void> {
    if (from.later) {
      const auto work = std::move(from.later);
      from = co_await work->answer();
    }
    mcp::event_splitter events(1U << 20U);
    while (from.stream) {
      const auto bytes = co_await from.stream->next();
      if (!bytes) break;
      for (const auto& piece : events.feed(*bytes)) from.body = piece.data().value_or(from.body);
    }
    into = json::parse(from.body);
    ended = true;
  };
  asio::co_spawn(loop, read(std::move(first), reply, done),
                 [](const std::exception_ptr& error) { EXPECT_FALSE(error); });
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (!done && std::chrono::steady_clock::now() < deadline) {
    loop.restart();
    loop.run_one_for(10ms);
  }
  EXPECT_TRUE(done) << method;
  return reply;
}

json bed::call(const std::string& tool, const json& arguments) {
  return ask("tools/call", {{"name", tool}, {"arguments", arguments}}).value("result", json());
}

json bed::call(const std::string& tool, const json& arguments, const std::function<void()>& meanwhile) {
  asio::steady_timer soon(loop, 5ms);
  soon.async_wait([&meanwhile](const boost::system::error_code&) { meanwhile(); });
  return call(tool, arguments);
}

std::vector<std::string> bed::tools() {
  std::vector<std::string> names;
  const json all = ask("tools/list")["result"]["tools"];
  for (const json& each : all) names.push_back(each["name"]);
  return names;
}

std::string text_of(const json& result) { return result["content"][0]["text"]; }

core::service_view service(const std::string& name, core::status state, std::uint64_t run) {
  core::service_view out = workspaced::test::web();
  out.name = name;
  out.state = state;
  out.run = run;
  out.reason = "as the test says";
  return out;
}

}  // namespace workspaced::agent::test
