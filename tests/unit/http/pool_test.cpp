#include "http/pool.hpp"

#include "unit/http/served.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace workspaced::http::test {
namespace {

namespace asio = boost::asio;
namespace errc = boost::system::errc;
using namespace std::chrono_literals;

/// A pool and its loop; each test is one coroutine on it.
class pooled {
 public:
  explicit pooled(std::uint16_t port, std::size_t most = 8, std::chrono::milliseconds idle = 2s)
      : pool_(loop.get_executor(), {core::tcp_target{"127.0.0.1", port}, most, idle}) {}

  /// "200 fresh", "200 used", or why not.
  asio::awaitable<std::string> ask(std::string target = "/health") {
    auto lease = co_await pool_.take(1s);
    if (!lease) co_return lease.error().text;
    const std::string kind = lease->fresh() ? " fresh" : " used";
    client_request what;
    what.target = std::move(target);
    what.timeout = 5s;
    auto exchange = co_await lease->send(std::move(what));
    if (!exchange) co_return exchange.error().text;
    for (;;) {
      const auto piece = co_await exchange->next();
      if (!piece) co_return piece.error().text;
      if (!*piece) co_return std::to_string(exchange->head().status) + kind;
    }
  }

  asio::awaitable<void> sleep(std::chrono::milliseconds time) {
    asio::steady_timer timer(loop, time);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }

  void run(asio::awaitable<void> test) {
    bool ended = false;
    asio::co_spawn(loop, std::move(test), [&ended](std::exception_ptr failure) {
      ended = true;
      if (failure) std::rethrow_exception(failure);
    });
    run_until([&ended] { return ended; });
  }

  void run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!done() && std::chrono::steady_clock::now() < deadline) loop.run_one_until(deadline);
    EXPECT_TRUE(done());
  }

  pool& operator*() { return pool_; }
  pool* operator->() { return &pool_; }

  asio::io_context loop{1};

 private:
  pool pool_;
};

TEST(http_pool, uses_a_connection_again) {
  auto settings = served::quick();
  settings.write_timeout = 10s;  // a loaded machine reads a large answer slowly
  const served server(sample_routes(), settings);
  pooled subject(server.port());
  const auto test = [&]() -> asio::awaitable<void> {
    EXPECT_EQ(co_await subject.ask(), "200 fresh");
    for (int i = 0; i < 2; ++i) EXPECT_EQ(co_await subject.ask("/large"), "200 used");
    EXPECT_EQ(subject->idle(), 1U);
    EXPECT_EQ(subject->in_use(), 0U);
  };
  subject.run(test());
}

TEST(http_pool, does_not_use_what_the_server_has_closed) {
  auto settings = served::quick();
  settings.idle_timeout = 50ms;
  served server(sample_routes(), settings);
  pooled subject(server.port());
  const auto test = [&]() -> asio::awaitable<void> {
    EXPECT_EQ(co_await subject.ask(), "200 fresh");
    while (server.connections() > 0) co_await subject.sleep(5ms);
    EXPECT_EQ(co_await subject.ask(), "200 fresh");
  };
  subject.run(test());
}

TEST(http_pool, closes_what_has_been_idle_for_long) {
  served server(sample_routes());
  pooled subject(server.port(), 8, 30ms);
  const auto test = [&]() -> asio::awaitable<void> {
    EXPECT_EQ(co_await subject.ask(), "200 fresh");
    while (server.connections() > 0) co_await subject.sleep(5ms);
    EXPECT_EQ(subject->idle(), 0U);
  };
  subject.run(test());
}

TEST(http_pool, forgets_connections_to_the_server_that_was) {
  const served server(sample_routes());
  pooled subject(server.port());
  const auto test = [&]() -> asio::awaitable<void> {
    EXPECT_EQ(co_await subject.ask(), "200 fresh");
    subject->forget();
    EXPECT_EQ(co_await subject.ask(), "200 fresh");
  };
  subject.run(test());
}

TEST(http_pool, does_not_keep_a_connection_whose_answer_nobody_read) {
  const served server(sample_routes());
  pooled subject(server.port());
  const auto test = [&]() -> asio::awaitable<void> {
    {
      auto lease = co_await subject->take(1s);
      client_request what;
      what.target = "/large";
      const auto exchange = co_await lease->send(std::move(what));
      EXPECT_EQ(exchange->head().status, 200);
      EXPECT_EQ(subject->in_use(), 1U);
    }
    EXPECT_EQ(subject->in_use(), 0U);
    EXPECT_EQ(subject->idle(), 0U);
  };
  subject.run(test());
}

TEST(http_pool, makes_the_next_wait_when_all_are_in_use) {
  const served server(sample_routes());
  pooled subject(server.port(), 2);
  int done = 0;
  for (int i = 0; i < 30; ++i) {
    asio::co_spawn(subject.loop, subject.ask("/health"), [&](std::exception_ptr, const std::string& end) {
      EXPECT_TRUE(end.starts_with("200 ")) << end;
      EXPECT_LE(subject->in_use(), 2U);
      ++done;
    });
  }
  subject.run_until([&done] { return done == 30; });
}

TEST(http_pool, lets_go_of_those_who_are_cancelled_while_they_wait) {
  const served server(sample_routes());
  pooled subject(server.port(), 1);
  const auto test = [&]() -> asio::awaitable<void> {
    auto holder = co_await subject->take(1s);
    asio::cancellation_signal stop;
    std::string end;
    asio::co_spawn(subject.loop, subject.ask(),
                   asio::bind_cancellation_slot(
                       stop.slot(), [&end](std::exception_ptr, std::string text) { end = std::move(text); }));
    co_await subject.sleep(1ms);
    stop.emit(asio::cancellation_type::terminal);
    co_await subject.sleep(1ms);
    EXPECT_EQ(end, "cancelled");
    { const auto gone = std::move(*holder); }
    EXPECT_EQ(co_await subject.ask(), "200 fresh");
  };
  subject.run(test());
}

TEST(http_pool, says_when_nobody_listens) {
  std::uint16_t port = 0;
  {
    const served gone(sample_routes());
    port = gone.port();
  }
  pooled subject(port);
  const auto test = [&]() -> asio::awaitable<void> {
    const auto lease = co_await subject->take(1s);
    EXPECT_FALSE(lease);
    EXPECT_EQ(lease.error().error, errc::connection_refused);
    EXPECT_EQ(subject->in_use(), 0U);
  };
  subject.run(test());
}

}  // namespace
}  // namespace workspaced::http::test
