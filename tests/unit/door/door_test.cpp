// One door in front of a scripted server, on a loop without sockets: what becomes of calls when the server
// comes, goes, hangs up or says nonsense. (The real thing: tests/e2e/test_front_door.py.)
#include "door/door.hpp"

#include "json/edit.hpp"
#include "mcp/event_text.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <stdlib.h>

#include <deque>
#include <filesystem>
#include <functional>

namespace workspaced::door {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// What the server does with one call.
struct script {
  enum class act { answer, error_in_connecting, hang_up_before, hang_up_within, say_nothing_and_end, wait };

  act what = act::answer;
};

/// A legacy server with two tools: "look" is read-only, "deed" is not.
class scripted : public upstream {
 public:
  explicit scripted(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  std::deque<script::act> plan;      ///< of tools/call; empty: answer
  std::vector<std::string> calls;    ///< tools/call, as they came
  std::vector<std::string> notices;  ///< methods
  std::string session;               ///< given by initialize
  int initialized = 0;
  bool refuses_token = false;

  asio::awaitable<begun> begin(outbound what) override;
  asio::awaitable<begun> listen(std::string, std::string, std::string) override {
    co_return not_begun{false, "no stream"};
  }
  asio::awaitable<void> end_session(std::string, std::string) override { co_return; }
  void forget() override {}
  [[nodiscard]] bool is_shared() const override { return false; }

 private:
  class reply : public incoming_answer {
   public:
    reply(asio::any_io_executor executor, std::deque<std::string> parts, script::act end)
        : parts_(std::move(parts)), end_(end), never_(executor) {
      content_type = "text/event-stream";
    }
    asio::awaitable<http::client_result<std::optional<std::string>>> next() override {
      if (!parts_.empty()) {
        std::optional<std::string> part = std::move(parts_.front());
        parts_.pop_front();
        co_return part;
      }
      if (end_ == script::act::wait) co_await never_.wait();
      if (end_ == script::act::hang_up_within) co_return http::failure{{}, "connection reset"};
      co_return std::optional<std::string>();
    }

   private:
    std::deque<std::string> parts_;
    script::act end_;
    bell never_;
  };

  [[nodiscard]] std::string result_of(const mcp::message& what) const {
    if (what.method() == "initialize")
      return R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"S","version":"1"}})";
    if (what.method() == "tools/list")
      return R"({"tools":[{"name":"look","annotations":{"readOnlyHint":true}},{"name":"deed"}]})";
    return R"({"content":[]})";
  }

  asio::any_io_executor executor_;
};

asio::awaitable<begun> scripted::begin(outbound what) {
  using act = script::act;
  const mcp::message& message = what.what;
  std::deque<std::string> parts;
  if (message.what() != mcp::message::kind::request) {
    notices.push_back(message.method());
  } else if (message.method() == "server/discover") {
    parts.push_back(mcp::event_text(mcp::error_text(message.id(), {-32601, "no"})));
  } else {
    parts.push_back(mcp::event_text(mcp::result_text(message.id(), result_of(message))));
  }
  act now = act::answer;
  if (message.method() == "initialize") ++initialized;
  if (message.method() == "tools/call") {
    calls.push_back(message.text());
    if (!plan.empty()) {
      now = plan.front();
      plan.pop_front();
    }
    if (now == act::error_in_connecting) co_return not_begun{false, "connection refused"};
    if (now == act::hang_up_before) co_return not_begun{true, "connection reset"};
    if (now != act::answer) parts.clear();
    if (now == act::hang_up_within) parts.push_back(": working\n\n");
  }
  auto made = std::make_unique<reply>(executor_, std::move(parts), now);
  if (message.method() == "initialize") made->session = session;
  if (refuses_token) made->status = 401;
  std::unique_ptr<incoming_answer> answer = std::move(made);
  co_return answer;
}

/// A response as a client has it: whatever came, and whether it is over.
struct received {
  bool over = false;
  int status = 0;
  http::header_list headers;
  std::string body;

  [[nodiscard]] std::string header(const char* name) const {
    for (const auto& [each, value] : headers) {
      if (http::same_word(each, name)) return value;
    }
    return {};
  }
};

class bench {
 public:
  explicit bench(std::chrono::milliseconds hold = 2s) {
    std::string pattern = (std::filesystem::temp_directory_path() / "workspaced-door-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    make(hold);
  }
  ~bench() {
    at->close();
    at.reset();
    std::filesystem::remove_all(directory_);
  }
  bench(const bench&) = delete;
  bench& operator=(const bench&) = delete;

  /// A door anew, as after a restart of the daemon.
  void make(std::chrono::milliseconds hold) {
    auto way = std::make_unique<scripted>(loop.get_executor());
    server_side = way.get();
    auto behind = std::make_shared<server>(
        loop.get_executor(), server::settings{"s", directory_ + "/s.json", [](const std::string&) {}},
        std::move(way));
    door::settings settings;
    settings.name = settings.service = "s";
    settings.hold_timeout = hold;
    settings.call_timeout = 5s;
    settings.report = [](const std::string& text) { ADD_FAILURE() << text; };
    at = std::make_shared<door>(loop.get_executor(), std::move(settings), std::move(behind));
    at->begin();
  }

  static http::request post_of(std::string body, const std::string& session = {}) {
    http::request what;
    what.verb = http::method::post;
    what.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json, text/event-stream"}};
    if (!session.empty()) what.headers.emplace_back("Mcp-Session-Id", session);
    what.body = std::move(body);
    return what;
  }

  /// Begins to read the response; it goes on whenever the loop runs.
  std::shared_ptr<received> read(http::response what) {
    auto into = std::make_shared<received>();
    auto stop = std::make_shared<asio::cancellation_signal>();
    asio::co_spawn(loop, take(std::move(what), into),
                   asio::bind_cancellation_slot(stop->slot(), [stop](std::exception_ptr) {}));
    leaving[into.get()] = stop;
    return into;
  }
  std::shared_ptr<received> post(std::string body, const std::string& session = {}) {
    return read(at->post(post_of(std::move(body), session)));
  }
  void leave(const received* who) { leaving.at(who)->emit(asio::cancellation_type::all); }

  bool until(const std::function<bool()>& done, std::chrono::milliseconds limit = 5s) {
    const auto deadline = clock::now() + limit;
    loop.restart();
    while (!done() && clock::now() < deadline) loop.run_one_until(std::min(deadline, clock::now() + 10ms));
    return done();
  }
  received whole(const std::shared_ptr<received>& what) {
    EXPECT_TRUE(until([&] { return what->over; })) << what->body;
    return *what;
  }

  /// A session at the door.
  std::string open() {
    return whole(
               post(
                   R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
                   R"("capabilities":{},"clientInfo":{"name":"c","version":"1"}}})"))
        .header("Mcp-Session-Id");
  }
  std::shared_ptr<received> call(const std::string& tool, const std::string& session, int id = 1) {
    return post(R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
                    R"(,"method":"tools/call","params":{"name":")" + tool + "\"}}",
                session);
  }
  [[nodiscard]] std::uint64_t count(core::door_outcome what) const {
    return at->view().figures.outcomes[static_cast<std::size_t>(what)];
  }
  void arrive(std::uint64_t run) {
    at->behind().arrive(run);
    EXPECT_TRUE(until([this] { return at->view().tools == 2; }));
  }

  asio::io_context loop{1};
  scripted* server_side = nullptr;
  std::shared_ptr<door> at;
  std::map<const received*, std::shared_ptr<asio::cancellation_signal>> leaving;

 private:
  static asio::awaitable<void> take(http::response what, std::shared_ptr<received> into) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    if (what.later) {
      const auto work = std::move(what.later);
      what = co_await work->answer();
    }
    into->status = what.status;
    into->headers = what.headers;
    into->body = what.body;
    bool more = what.stream != nullptr;
    while (more) {
      const auto piece = co_await what.stream->next();
      if (piece) into->body += *piece;
      more = piece.has_value();
    }
    into->over = true;
  }

  std::string directory_;
};

using act = script::act;

TEST(door, passes_a_call_on_to_a_server_that_is_there) {
  bench b;
  b.arrive(1);
  const std::string session = b.open();
  EXPECT_EQ(session.size(), 32U);
  const received got = b.whole(b.call("deed", session));
  EXPECT_NE(got.body.find(R"("id":1,"result")"), std::string::npos) << got.body;
  EXPECT_EQ(b.server_side->calls.size(), 1U);
  EXPECT_EQ(b.count(core::door_outcome::answered), 1U);
}

TEST(door, answers_what_a_client_asks_first_before_the_server_was_ever_seen) {
  bench b;
  const std::string session = b.open();
  const received list = b.whole(b.post(R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})", session));
  EXPECT_EQ(list.body, R"({"jsonrpc":"2.0","id":2,"result":{"tools":[]}})");
  EXPECT_EQ(b.whole(b.post(R"({"jsonrpc":"2.0","id":3,"method":"ping"})", session)).body,
            R"({"jsonrpc":"2.0","id":3,"result":{}})");
}

TEST(door, knows_the_tools_after_a_restart_of_the_daemon) {
  bench b;
  b.arrive(1);
  b.make(2s);
  const received list = b.whole(b.post(R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})", b.open()));
  EXPECT_NE(list.body.find("look"), std::string::npos) << list.body;
}

TEST(door, tells_of_tools_that_came_later) {
  bench b;
  const std::string session = b.open();
  http::request get = bench::post_of("", session);
  const auto stream = b.read(b.at->get(get));
  b.arrive(1);
  EXPECT_TRUE(
      b.until([&] { return stream->body.find("notifications/tools/list_changed") != std::string::npos; }));
}

TEST(door, holds_a_call_with_its_header_out_until_the_server_is_there) {
  bench b;
  const std::string session = b.open();
  const auto held = b.call("deed", session);
  EXPECT_TRUE(b.until([&] { return held->status == 200; }));
  EXPECT_FALSE(held->over);
  EXPECT_EQ(b.at->view().figures.held, 1U);
  b.arrive(1);
  EXPECT_NE(b.whole(held).body.find(R"("result")"), std::string::npos);
  EXPECT_EQ(b.at->view().figures.held, 0U);
}

TEST(door, gives_a_call_up_when_its_time_is_over_and_never_sends_it) {
  bench b(50ms);
  const received got = b.whole(b.call("deed", b.open()));
  EXPECT_NE(got.body.find(R"("reason":"unavailable")"), std::string::npos) << got.body;
  EXPECT_TRUE(b.server_side->calls.empty());
  EXPECT_EQ(b.count(core::door_outcome::unavailable), 1U);
}

TEST(door, sends_again_what_never_arrived) {
  bench b;
  b.arrive(1);
  b.server_side->plan = {act::error_in_connecting, act::error_in_connecting};
  EXPECT_NE(b.whole(b.call("deed", b.open())).body.find(R"("result")"), std::string::npos);
  EXPECT_EQ(b.server_side->calls.size(), 3U);
}

TEST(door, sends_again_only_what_does_no_harm) {
  for (const act loss : {act::hang_up_before, act::hang_up_within}) {
    bench b;
    b.arrive(1);
    const std::string session = b.open();
    b.server_side->plan = {loss};
    EXPECT_NE(b.whole(b.call("look", session)).body.find(R"("result")"), std::string::npos);
    EXPECT_EQ(b.at->view().figures.replayed, 1U);
    b.server_side->plan = {loss};
    const received got = b.whole(b.call("deed", session, 2));
    EXPECT_NE(got.body.find(R"("reason":"outcome_unknown")"), std::string::npos) << got.body;
    EXPECT_EQ(b.server_side->calls.size(), 3U);
    EXPECT_EQ(b.count(core::door_outcome::lost), 1U);
  }
}

TEST(door, does_not_wait_for_a_server_that_refuses_its_token) {
  bench b(1h);
  b.server_side->refuses_token = true;
  b.at->behind().arrive(1);
  const received got = b.whole(b.call("look", b.open()));
  EXPECT_NE(got.body.find(R"("reason":"token_refused")"), std::string::npos) << got.body;
}

TEST(door, an_answer_without_a_response_is_an_error) {
  bench b;
  b.arrive(1);
  b.server_side->plan = {act::say_nothing_and_end};
  EXPECT_NE(b.whole(b.call("look", b.open())).body.find("without a response"), std::string::npos);
  EXPECT_EQ(b.count(core::door_outcome::error), 1U);
}

TEST(door, opens_the_servers_session_anew_in_each_of_its_runs) {
  bench b;
  b.server_side->session = "theirs";
  b.arrive(1);
  const std::string session = b.open();
  b.whole(b.call("deed", session));
  const int before = b.server_side->initialized;
  b.at->behind().leave();
  b.at->behind().arrive(2);
  EXPECT_NE(b.whole(b.call("deed", session, 2)).body.find(R"("result")"), std::string::npos);
  EXPECT_GT(b.server_side->initialized, before);
}

TEST(door, lets_go_of_a_held_call_whose_client_leaves) {
  bench b;
  const auto held = b.call("deed", b.open());
  EXPECT_TRUE(b.until([&] { return b.at->view().figures.held == 1; }));
  b.leave(held.get());
  EXPECT_TRUE(b.until([&] { return b.count(core::door_outcome::cancelled) == 1; }));
  EXPECT_EQ(b.at->view().figures.held, 0U);
}

TEST(door, ends_a_held_call_that_the_client_cancels) {
  bench b;
  const std::string session = b.open();
  const auto held = b.call("deed", session, 5);
  EXPECT_TRUE(b.until([&] { return b.at->view().figures.held == 1; }));
  const received told = b.whole(
      b.post(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}})", session));
  EXPECT_EQ(told.status, 202);
  b.whole(held);
  EXPECT_EQ(b.count(core::door_outcome::cancelled), 1U);
}

TEST(door, passes_a_cancellation_on_while_the_server_works) {
  bench b;
  b.arrive(1);
  const std::string session = b.open();
  b.server_side->plan = {act::wait};
  const auto running = b.call("deed", session, 5);
  EXPECT_TRUE(b.until([&] { return b.server_side->calls.size() == 1; }));
  b.whole(
      b.post(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}})", session));
  EXPECT_TRUE(b.until([&] {
    const auto& all = b.server_side->notices;
    return std::find(all.begin(), all.end(), "notifications/cancelled") != all.end();
  }));
  b.leave(running.get());
}

TEST(door, refuses_sessions_that_it_does_not_know) {
  bench b;
  const std::string ping = R"({"jsonrpc":"2.0","id":3,"method":"ping"})";
  EXPECT_EQ(b.whole(b.post(ping, "unknown")).status, 404);
  EXPECT_EQ(b.whole(b.post(ping)).status, 400);
  const std::string session = b.open();
  EXPECT_EQ(b.whole(b.read(b.at->del(bench::post_of("", session)))).status, 200);
  EXPECT_EQ(b.whole(b.post(ping, session)).status, 404);
}

TEST(door, ends_what_waits_when_it_closes) {
  bench b;
  const std::string session = b.open();
  const auto held = b.call("deed", session);
  const auto stream = b.read(b.at->get(bench::post_of("", session)));
  EXPECT_TRUE(b.until([&] { return held->status == 200 && stream->status == 200; }));
  b.at->close();
  EXPECT_NE(b.whole(held).body.find(R"("reason":"unavailable")"), std::string::npos);
  b.whole(stream);
}

}  // namespace
}  // namespace workspaced::door
