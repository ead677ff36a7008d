#include "unit/mcp/serving.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>

namespace workspaced::mcp::test {

namespace asio = boost::asio;

namespace {

handler at_once(std::function<outcome(call&)> answer) {
  return [answer = std::move(answer)](call& from) -> asio::awaitable<outcome> { co_return answer(from); };
}

asio::awaitable<bool> sleep(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() == asio::cancellation_type::none;
}

tool_text about(const std::string& name, const std::string& properties = {}) {
  tool_text out;
  out.name = name;
  out.description = "For tests";
  if (!properties.empty())
    out.input_schema = R"({"type":"object","additionalProperties":false,)" + properties + "}";
  return out;
}

asio::awaitable<outcome> wait(serving& owner, call& from) {
  ++owner.running;
  from.log(log_level::info, "wait", R"("begun")");
  from.progress(1, 2, "half");
  const bool whole =
      co_await sleep(std::chrono::milliseconds(static_cast<int>(from.number("ms").value_or(0))));
  --owner.running;
  if (!whole) ++owner.cancelled;
  co_return text_result(whole ? "waited" : "cancelled");
}

std::vector<tool> some_tools(serving& owner) {
  std::vector<tool> all;
  all.push_back(
      make_tool(about("echo", R"("properties":{"text":{"type":"string"}},"required":["text"])"),
                at_once([](call& from) { return outcome(text_result(from.text("text").value_or(""))); })));
  all.push_back(make_tool(about("wait", R"("properties":{"ms":{"type":"integer","minimum":0}})"),
                          [&owner](call& from) { return wait(owner, from); }));
  all.push_back(
      make_tool(about("broken"), at_once([](call&) -> outcome { throw std::runtime_error("it broke"); })));
  all.push_back(make_tool(about("refuse"), at_once([](call&) {
                            return outcome(rpc_error{code::missing_capability, "no", R"({"x":1})"});
                          })));
  return all;
}

}  // namespace

connection::connection(asio::io_context& loop, http::response first)
    : loop_(loop),
      stop_(std::make_shared<asio::cancellation_signal>()),
      self_(std::make_shared<connection*>(this)) {
  auto work = read(self_, std::move(first));
  asio::co_spawn(
      loop, std::move(work),
      asio::bind_cancellation_slot(
          stop_->slot(), [signal = stop_](const std::exception_ptr& error) { EXPECT_FALSE(error); }));
}

connection::~connection() {
  *self_ = nullptr;
  // On the loop: outside of it, emit() only posts a pointer into the signal.
  asio::post(loop_, [signal = stop_] { signal->emit(asio::cancellation_type::all); });
}

asio::awaitable<void> connection::read(std::shared_ptr<connection*> self, http::response from) {
  if (from.later) {
    const auto work = std::move(from.later);
    from = co_await work->answer();
    if (*self == nullptr) co_return;
  }
  reply& got = (*self)->got;
  got.status = from.status;
  got.content_type = from.content_type;
  got.headers = from.headers;
  got.body = from.body;
  event_splitter splitter(1U << 20U);
  while (from.stream) {
    const auto bytes = co_await from.stream->next();
    if (*self == nullptr) co_return;
    if (!bytes) break;
    for (const auto& piece : splitter.feed(*bytes)) {
      if (const auto data = piece.data()) {
        got.events.push_back(json::parse(*data));
      } else {
        ++got.keep_alives;
      }
    }
  }
  got.ended = true;
}

server_options serving::quick() {
  server_options out;
  out.name = "tested";
  out.version = "1";
  out.instructions = "Be kind.";
  out.logging = true;
  out.patience = 100ms;
  out.keep_alive = 50ms;
  return out;
}

serving::serving(server_options about)
    : server_(std::make_unique<server>(loop_.get_executor(), std::move(about))) {
  server_->set_tools(some_tools(*this));
}

std::unique_ptr<connection> serving::open(const http::request& what) {
  auto made = std::make_unique<connection>(loop_, server_->answer(what));
  loop_.restart();
  loop_.poll();
  return made;
}

reply serving::ask(const http::request& what, std::chrono::milliseconds most) {
  const auto client = open(what);
  const auto deadline = std::chrono::steady_clock::now() + most;
  while (!client->got.ended && std::chrono::steady_clock::now() < deadline) {
    loop_.restart();
    loop_.run_one_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(client->got.ended) << what.body;
  return client->got;
}

bool serving::eventually(const std::function<bool()>& check) {
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (!check() && std::chrono::steady_clock::now() < deadline) {
    loop_.restart();
    loop_.run_one_for(std::chrono::milliseconds(10));
  }
  return check();
}

std::string serving::begin_session(const std::string& version) {
  const json params = {{"protocolVersion", version}, {"capabilities", json::object()}};
  const reply got = ask(request(http::method::post, body_of(0, "initialize", params)));
  return got.header(header::session);
}

http::request serving::legacy(const std::string& session, const std::string& method, const json& params,
                              const json& id) {
  return request(http::method::post, body_of(id, method, params),
                 {{header::session, session}, {header::version, "2025-11-25"}});
}

}  // namespace workspaced::mcp::test
