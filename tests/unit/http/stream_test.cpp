#include "unit/http/served.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>

#include <atomic>
#include <stdexcept>

namespace workspaced::http::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// What a test sees of its streams.
struct watcher {
  std::atomic<int> pieces{0};
  std::atomic<int> gone{0};
};

/// Gives its pieces, then waits for ever, throws or ends.
class scripted : public stream {
 public:
  enum class finale { end, wait, fail };

  scripted(watcher& seen, int pieces, std::string piece, finale last)
      : seen_(seen), left_(pieces), piece_(std::move(piece)), last_(last) {}
  ~scripted() override { ++seen_.gone; }

  asio::awaitable<std::optional<std::string>> next() override {
    if (left_-- > 0) {
      ++seen_.pieces;
      co_return piece_;
    }
    if (last_ == finale::fail) throw std::runtime_error("the source broke");
    if (last_ == finale::wait) {
      asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
      co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_return std::nullopt;
  }

 private:
  watcher& seen_;
  int left_;
  std::string piece_;
  finale last_;
};

std::vector<route> stream_routes(watcher& seen) {
  const auto give = [&seen](int pieces, std::string piece, scripted::finale last) {
    return [&seen, pieces, piece, last](const request&) {
      return response::streamed("text/plain", std::make_unique<scripted>(seen, pieces, piece, last));
    };
  };
  auto routes = sample_routes();
  routes.push_back({method::get, "/three", access::open, give(3, "abc", scripted::finale::end), ""});
  routes.push_back({method::get, "/events", access::open, give(1, "event\n", scripted::finale::wait), ""});
  routes.push_back({method::get, "/broken", access::open, give(1, "abc", scripted::finale::fail), ""});
  routes.push_back({method::get, "/flood", access::open,
                    give(1 << 30, std::string(65536, 'x'), scripted::finale::end), ""});
  return routes;
}

std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"; }

TEST(http_stream, goes_out_in_chunks_and_the_connection_stays) {
  watcher seen;
  const served subject(stream_routes(seen));
  wire_client client(subject.port());
  for (int i = 0; i < 10; ++i) {
    client.send(get("/three"));
    EXPECT_NE(client.read_until("\r\n\r\n").find("Transfer-Encoding: chunked\r\n"), std::string::npos);
    EXPECT_EQ(client.read_until("0\r\n\r\n"), "3\r\nabc\r\n3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n");
  }
  EXPECT_TRUE(eventually([&] { return seen.gone == 10; }));
}

TEST(http_stream, serves_a_request_that_came_while_it_ran) {
  watcher seen;
  const served subject(stream_routes(seen));
  wire_client client(subject.port());
  client.send(get("/three") + get("/three") + get("/health"));
  EXPECT_TRUE(client.read_until("true}").ends_with("true}"));
  EXPECT_EQ(seen.gone, 2);
}

TEST(http_stream, ends_with_the_connection_for_http_1_0) {
  watcher seen;
  const served subject(stream_routes(seen));
  wire_client client(subject.port());
  client.send("GET /three HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n").find("chunked"), std::string::npos);
  EXPECT_EQ(client.read_all(), "abcabcabc");
}

TEST(http_stream, every_piece_goes_out_at_once) {
  watcher seen;
  const served subject(stream_routes(seen));
  wire_client client(subject.port());
  client.send(get("/events"));
  EXPECT_TRUE(client.read_until("event\n\r\n").ends_with("6\r\nevent\n\r\n"));
}

TEST(http_stream, is_cancelled_when_the_client_leaves) {
  watcher seen;
  served subject(stream_routes(seen));
  {
    wire_client client(subject.port());
    client.send(get("/events"));
    client.read_until("event\n\r\n");
    EXPECT_EQ(seen.gone, 0);
  }
  EXPECT_TRUE(eventually([&] { return seen.gone == 1; }));
  EXPECT_EQ(subject.connections(), 0U);
}

TEST(http_stream, is_cancelled_when_the_client_half_closes) {
  watcher seen;
  const served subject(stream_routes(seen));
  subject.ask(get("/events"));
  EXPECT_TRUE(eventually([&] { return seen.gone == 1; }));
}

TEST(http_stream, a_client_that_babbles_meanwhile_is_closed) {
  watcher seen;
  const served subject(stream_routes(seen));
  wire_client client(subject.port());
  client.send(get("/events"));
  client.read_until("event\n\r\n");
  client.send(std::string(100'000, 'x'));
  EXPECT_TRUE(eventually([&] { return seen.gone == 1; }));
}

TEST(http_stream, that_fails_breaks_the_connection_off) {
  watcher seen;
  std::atomic<int> reports{0};
  server_options settings = served::quick();
  settings.report = [&reports](const std::string&) { ++reports; };
  const served subject(stream_routes(seen), settings);
  wire_client client(subject.port());
  client.send(get("/broken"));
  const std::string got = client.read_all();
  EXPECT_TRUE(got.ends_with("3\r\nabc\r\n")) << "no last chunk: " << got;
  EXPECT_EQ(reports, 1);
}

TEST(http_stream, a_slow_reader_slows_only_itself) {
  watcher seen;
  server_options settings = served::quick();
  settings.write_timeout = 1h;
  const served subject(stream_routes(seen), settings);
  wire_client slow(subject.port());
  slow.send(get("/flood"));
  ASSERT_EQ(slow.status(), 200);
  // Pieces stop to be made once the kernel's buffers are full; the others are answered before and after.
  EXPECT_TRUE(eventually([&] {
    const int before = seen.pieces;
    for (int i = 0; i < 50; ++i) EXPECT_EQ(subject.status_of(get_health), 200);
    return before > 0 && before == seen.pieces;
  }));
}

TEST(http_stream, a_reader_that_takes_everything_does_not_hold_up_the_others) {
  watcher seen;
  const served subject(stream_routes(seen));
  wire_client fast(subject.port());
  fast.send(get("/flood"));
  std::thread reader([&fast] {
    std::vector<char> block(1 << 20);
    while (::recv(fast.fd(), block.data(), block.size(), 0) > 0) {
    }
  });
  EXPECT_TRUE(eventually([&] { return seen.pieces > 100; }));
  for (int i = 0; i < 20; ++i) {
    const auto asked = std::chrono::steady_clock::now();
    EXPECT_EQ(subject.status_of(get_health), 200);
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 2s) << "the flood has no end";
  }
  ::shutdown(fast.fd(), SHUT_RDWR);
  reader.join();
}

TEST(http_stream, is_cut_off_by_the_end_of_a_graceful_stop) {
  watcher seen;
  served subject(stream_routes(seen));
  wire_client client(subject.port());
  client.send(get("/events"));
  client.read_until("event\n\r\n");
  subject.on_loop([&] { subject.get().stop(50ms, [] {}); });
  client.read_all();
  EXPECT_TRUE(eventually([&] { return seen.gone == 1; }));
}

TEST(http_stream, is_destroyed_with_the_server) {
  watcher seen;
  {
    const served subject(stream_routes(seen));
    wire_client client(subject.port());
    client.send(get("/events"));
    client.read_until("event\n\r\n");
  }
  EXPECT_EQ(seen.gone, 1);
}

}  // namespace
}  // namespace workspaced::http::test
