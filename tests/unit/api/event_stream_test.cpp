#include "api/event_stream.hpp"

#include "unit/api/fake_control.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

namespace workspaced::api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// What a source shares with the test that feeds it.
struct feed {
  explicit feed(asio::io_context& loop) : bell(loop, asio::steady_timer::time_point::max()) {}

  void push(service_event event) {
    waiting.push_back(std::move(event));
    bell.cancel();
  }
  void close() {
    closed = true;
    bell.cancel();
  }

  std::deque<service_event> waiting;
  bool closed = false;
  asio::steady_timer bell;
};

class fed_source : public event_source {
 public:
  explicit fed_source(feed& from) : from_(from) {}

  asio::awaitable<std::optional<service_event>> next() override {
    while (from_.waiting.empty() && !from_.closed) {
      co_await from_.bell.async_wait(asio::as_tuple(asio::use_awaitable));
      const auto cancelled = co_await asio::this_coro::cancellation_state;
      if (cancelled.cancelled() != asio::cancellation_type::none) co_return std::nullopt;
    }
    if (from_.waiting.empty()) co_return std::nullopt;
    service_event event = std::move(from_.waiting.front());
    from_.waiting.pop_front();
    co_return event;
  }

 private:
  feed& from_;
};

class api_event_stream : public testing::Test {
 protected:
  api_event_stream() { daemon_.fleet = test::fleet({test::web()}); }

  std::unique_ptr<event_stream> open(std::chrono::milliseconds quiet_for) {
    return std::make_unique<event_stream>(
        daemon_, std::make_unique<fed_source>(feed_), [] { return test::moment; }, quiet_for);
  }
  /// Begins to ask for the next piece; it arrives in `piece` while the loop runs.
  void ask(event_stream& stream) {
    arrived_ = false;
    asio::co_spawn(loop_, stream.next(),
                   [this](const std::exception_ptr& error, std::optional<std::string> text) {
                     EXPECT_FALSE(error);
                     arrived_ = true;
                     piece_ = std::move(text);
                   });
  }
  std::optional<std::string> next(event_stream& stream) {
    ask(stream);
    loop_.restart();
    while (!arrived_ && loop_.run_one_for(10s) > 0) {
    }
    EXPECT_TRUE(arrived_);
    return piece_;
  }

  asio::io_context loop_{1};
  feed feed_{loop_};
  test::fake_control daemon_;
  bool arrived_ = false;
  std::optional<std::string> piece_;
};

std::string service_text(const service_event& event) {
  return "event: service\ndata: " + event_document(event, test::moment) + "\n\n";
}

TEST_F(api_event_stream, begins_with_a_snapshot) {
  const auto stream = open(1h);
  EXPECT_EQ(next(*stream), "event: snapshot\ndata: " + fleet_document(daemon_.fleet, test::moment) + "\n\n");
}

TEST_F(api_event_stream, tells_each_change_and_then_the_end) {
  const auto stream = open(1h);
  next(*stream);
  const service_event ready{test::web(), core::status::starting};
  const service_event failed{test::migrate(), core::status::ready};
  feed_.push(ready);
  feed_.push(failed);
  EXPECT_EQ(next(*stream), service_text(ready));
  EXPECT_EQ(next(*stream), service_text(failed));
  feed_.close();
  EXPECT_EQ(next(*stream), "event: shutdown\ndata: {}\n\n");
  EXPECT_EQ(next(*stream), std::nullopt);
}

TEST_F(api_event_stream, waits_for_a_change) {
  const auto stream = open(1h);
  next(*stream);
  ask(*stream);
  loop_.restart();
  loop_.poll();
  EXPECT_FALSE(arrived_);
  const service_event ready{test::web(), core::status::starting};
  feed_.push(ready);
  while (!arrived_ && loop_.run_one_for(10s) > 0) {
  }
  EXPECT_EQ(piece_, service_text(ready));
}

TEST_F(api_event_stream, says_something_when_nothing_happens) {
  const auto stream = open(1ms);
  next(*stream);
  EXPECT_EQ(next(*stream), ": nothing new\n\n");
  EXPECT_EQ(next(*stream), ": nothing new\n\n");
  const service_event ready{test::web(), core::status::starting};
  feed_.push(ready);
  EXPECT_EQ(next(*stream), service_text(ready)) << "a change after silence is told";
}

// The silence ends at any moment around the change: before, with or after it. None may be lost or told twice.
TEST_F(api_event_stream, loses_no_change_to_the_end_of_a_silence) {
  const auto stream = open(1ms);
  next(*stream);
  for (int round = 0; round < 200; ++round) {
    service_event event{test::web(), core::status::starting};
    event.service.run = static_cast<std::uint64_t>(round);
    asio::steady_timer later(loop_, std::chrono::microseconds(10 * round));
    later.async_wait([this, &event](boost::system::error_code) { feed_.push(event); });
    auto text = next(*stream);
    for (int silences = 0; text == ": nothing new\n\n" && silences < 1000; ++silences) text = next(*stream);
    ASSERT_EQ(text, service_text(event)) << round;
  }
}

}  // namespace
}  // namespace workspaced::api
