// Answers that take a while.
#include "unit/http/served.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <stdexcept>

namespace workspaced::http::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Waits, then answers or throws.
class slow : public deferred {
 public:
  slow(std::atomic<int>& left, std::chrono::milliseconds time, bool fails)
      : left_(left), time_(time), fails_(fails) {}
  ~slow() override { ++left_; }

  asio::awaitable<response> answer() override {
    asio::steady_timer timer(co_await asio::this_coro::executor, time_);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (fails_) throw std::runtime_error("it broke");
    co_return response::text("slow");
  }

 private:
  std::atomic<int>& left_;
  std::chrono::milliseconds time_;
  bool fails_;
};

std::vector<route> routes(std::atomic<int>& left) {
  const auto after = [&left](std::chrono::milliseconds time, bool fails) {
    return [&left, time, fails](const request&) {
      return response::after(std::make_unique<slow>(left, time, fails));
    };
  };
  auto all = sample_routes();
  all.push_back({method::get, "/soon", access::open, after(20ms, false), ""});
  all.push_back({method::get, "/never", access::open, after(1h, false), ""});
  all.push_back({method::get, "/broken", access::open, after(1ms, true), ""});
  return all;
}

std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"; }

TEST(http_deferred, comes_when_it_is_ready_and_the_connection_stays) {
  std::atomic<int> left = 0;
  const served subject(routes(left));
  wire_client client(subject.port());
  for (int i = 0; i < 5; ++i) {
    client.send(get("/soon"));
    EXPECT_TRUE(client.read_until("slow").starts_with("HTTP/1.1 200 "));
  }
  EXPECT_EQ(left, 5);
}

TEST(http_deferred, keeps_the_order_of_requests_in_a_row) {
  std::atomic<int> left = 0;
  const served subject(routes(left));
  wire_client client(subject.port());
  client.send(get("/soon") + get("/health"));
  const std::string both = client.read_until("true}");
  EXPECT_LT(both.find("slow"), both.find("ready"));
}

TEST(http_deferred, ends_when_the_client_leaves) {
  std::atomic<int> left = 0;
  served subject(routes(left));
  wire_client client(subject.port());
  client.send(get("/never"));
  EXPECT_TRUE(eventually([&] { return subject.connections() == 1; }));
  client.close();
  EXPECT_TRUE(eventually([&] { return left == 1 && subject.connections() == 0; }));
}

TEST(http_deferred, that_breaks_is_a_500_and_the_connection_stays) {
  std::atomic<int> left = 0;
  const served subject(routes(left));
  wire_client client(subject.port());
  client.send(get("/broken"));
  EXPECT_TRUE(client.read_until("its log\"}\n").starts_with("HTTP/1.1 500 "));
  client.send(get("/health"));
  EXPECT_EQ(client.status(), 200);
}

TEST(http_deferred, does_not_outlive_the_server) {
  std::atomic<int> left = 0;
  {
    const served subject(routes(left));
    wire_client client(subject.port());
    client.send(get("/never"));
    client.send(get("/soon"));
  }
  SUCCEED();
}

}  // namespace
}  // namespace workspaced::http::test
