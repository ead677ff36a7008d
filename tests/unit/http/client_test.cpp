#include "http/client.hpp"

#include "os/listen.hpp"
#include "unit/http/served.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace workspaced::http::test {
namespace {

namespace asio = boost::asio;
namespace errc = boost::system::errc;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// Runs one exchange on a loop of its own.
client_result<answer> run(client_request what, std::size_t most = 1'000'000) {
  asio::io_context loop(1);
  std::optional<client_result<answer>> got;
  auto exchange = fetch(loop.get_executor(), std::move(what), most);
  asio::co_spawn(loop, std::move(exchange),
                 [&got](std::exception_ptr, client_result<answer> result) { got = std::move(result); });
  loop.run_for(10s);
  EXPECT_TRUE(got);
  return *got;
}

client_request request_to(std::uint16_t port, std::string target = "/health") {
  client_request out;
  out.where = core::tcp_target{"127.0.0.1", port};
  out.target = std::move(target);
  out.timeout = 5s;
  return out;
}

/// A server that accepts once, reads what is there, says its text and closes (or resets).
class scripted_server {
 public:
  enum class finale { close, reset, wait };

  scripted_server(std::string text, finale last) : listening_(*os::listen_tcp("127.0.0.1", 0)) {
    thread_ = std::thread([this, text = std::move(text), last] { serve(text, last); });
  }
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;
  ~scripted_server() { thread_.join(); }

  [[nodiscard]] std::uint16_t port() const { return os::port_of(listening_); }

 private:
  void serve(const std::string& text, finale last) {
    std::optional<os::accepted> got;
    EXPECT_TRUE(eventually([&] {
      auto next = os::accept(listening_.get());
      if (next) got = std::move(*next);
      return got.has_value();
    }));
    if (!got) return;
    std::array<char, 1024> unused{};
    EXPECT_TRUE(eventually([&] { return ::recv(got->fd.get(), unused.data(), unused.size(), 0) > 0; }));
    ::send(got->fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (last == finale::wait) {
      EXPECT_TRUE(eventually([&] { return ::recv(got->fd.get(), unused.data(), unused.size(), 0) >= 0; }));
    }
    const linger hard{1, 0};
    if (last == finale::reset) ::setsockopt(got->fd.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }

  os::unique_fd listening_;
  std::thread thread_;
};

TEST(http_client, fetches_over_tcp) {
  const served subject(sample_routes());
  const auto got = run(request_to(subject.port()));
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->reason, "OK");
  EXPECT_EQ(got->body, "{\"ready\":true}");
}

TEST(http_client, sends_a_body_and_a_token) {
  const served subject(sample_routes());
  client_request what = request_to(subject.port(), "/v1/reload");
  what.verb = method::post;
  what.body = std::string(500'000, 'b');
  EXPECT_EQ(run(what)->status, 401);
  what.bearer_token = "admin-token";
  EXPECT_EQ(run(what)->body, what.body);
}

TEST(http_client, reads_a_large_body_and_stops_where_it_is_told) {
  const served subject(sample_routes());
  EXPECT_EQ(run(request_to(subject.port(), "/large"), 30'000'000)->body.size(), 20'000'000U);
  EXPECT_EQ(run(request_to(subject.port(), "/large"), 1000)->body.size(), 1000U);
}

TEST(http_client, reads_the_answer_to_head) {
  const served subject(sample_routes());
  client_request what = request_to(subject.port());
  what.verb = method::head;
  EXPECT_EQ(run(what)->status, 200);
}

TEST(http_client, tells_that_nothing_listens) {
  std::uint16_t port = 0;
  {
    const auto listening = os::listen_tcp("127.0.0.1", 0);
    port = os::port_of(*listening);
  }
  const auto got = run(request_to(port));
  ASSERT_FALSE(got);
  EXPECT_TRUE(got.error().error == errc::connection_refused);
  EXPECT_EQ(got.error().text, "connection refused");
}

TEST(http_client, tells_what_is_wrong_with_a_unix_socket) {
  client_request what;
  what.where = unix_target{"/nonexistent/control.sock"};
  EXPECT_TRUE(run(what).error().error == errc::no_such_file_or_directory);
  what.where = unix_target{std::string(200, 'x')};
  EXPECT_TRUE(run(what).error().error == errc::filename_too_long);
}

TEST(http_client, refuses_a_name_instead_of_resolving_it) {
  client_request what;
  what.where = core::tcp_target{"localhost", 80};
  EXPECT_TRUE(run(what).error().error == errc::invalid_argument);
}

TEST(http_client, gives_up_when_the_time_is_over) {
  const auto listening = os::listen_tcp("127.0.0.1", 0);  // connects, but nobody accepts
  client_request what = request_to(os::port_of(*listening));
  what.timeout = 150ms;
  const auto begun = clock::now();
  const auto got = run(what);
  const auto took = clock::now() - begun;
  ASSERT_FALSE(got);
  EXPECT_TRUE(got.error().error == errc::timed_out);
  EXPECT_EQ(got.error().text, "timed out after 150 ms");
  EXPECT_GE(took, 150ms);
  EXPECT_LT(took, 400ms);
}

TEST(http_client, gives_up_on_a_body_that_does_not_end) {
  const scripted_server peer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                             scripted_server::finale::wait);
  client_request what = request_to(peer.port());
  what.timeout = 100ms;
  EXPECT_TRUE(run(what).error().error == errc::timed_out);
}

struct ending {
  const char* text;
  scripted_server::finale last;
  errc::errc_t error;
  const char* words;
};
void PrintTo(const ending& value, std::ostream* out) { *out << value.words; }

class bad_answer : public testing::TestWithParam<ending> {};

TEST_P(bad_answer, is_told_in_words) {
  const scripted_server peer(GetParam().text, GetParam().last);
  const auto got = run(request_to(peer.port()));
  ASSERT_FALSE(got);
  EXPECT_TRUE(got.error().error == GetParam().error) << got.error().error.message();
  EXPECT_EQ(got.error().text, GetParam().words);
}

INSTANTIATE_TEST_SUITE_P(
    http_client, bad_answer,
    testing::Values(ending{"", scripted_server::finale::close, errc::connection_reset,
                           "the connection was closed without an answer"},
                    ending{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", scripted_server::finale::close,
                           errc::connection_reset, "the connection was closed within the answer"},
                    ending{"", scripted_server::finale::reset, errc::connection_reset, "connection reset"},
                    ending{"SSH-2.0-OpenSSH_9.2\r\n\r\n", scripted_server::finale::close, errc::bad_message,
                           "the answer is not HTTP"}));

TEST(http_client, a_header_without_end_is_refused) {
  const scripted_server peer("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'a'),
                             scripted_server::finale::close);
  EXPECT_TRUE(run(request_to(peer.port())).error().error == errc::bad_message);
}

TEST(http_client, hands_pieces_on_until_told_to_stop) {
  const served subject(sample_routes());
  asio::io_context loop(1);
  std::size_t pieces = 0;
  piece_handler take = [&pieces](int status, std::string_view piece) {
    EXPECT_EQ(status, 200);
    EXPECT_FALSE(piece.empty());
    return ++pieces < 3;
  };
  auto all = fetch_streamed(loop.get_executor(), request_to(subject.port(), "/large"), std::move(take));
  bool over = false;
  asio::co_spawn(loop, std::move(all),
                 [&over](std::exception_ptr, client_result<answer> got) { over = got.has_value(); });
  loop.run_for(10s);
  EXPECT_TRUE(over);
  EXPECT_EQ(pieces, 3U);
}

TEST(http_client, ends_at_once_when_cancelled) {
  const auto listening = os::listen_tcp("127.0.0.1", 0);
  asio::io_context loop(1);
  asio::cancellation_signal stop;
  std::optional<client_result<answer>> got;
  auto all = fetch(loop.get_executor(), request_to(os::port_of(*listening)), 100);
  asio::co_spawn(
      loop, std::move(all),
      asio::bind_cancellation_slot(stop.slot(), [&got](std::exception_ptr, client_result<answer> result) {
        got = std::move(result);
      }));
  loop.run_for(20ms);
  stop.emit(asio::cancellation_type::terminal);
  loop.run_for(5s);
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->error().error == errc::operation_canceled);
}

TEST(http_client, waits_for_room_in_a_full_backlog_of_a_unix_socket) {
  char name[] = "/tmp/http_client.XXXXXX";
  const std::string directory = ::mkdtemp(name);
  const auto listening = os::listen_unix(directory + "/socket");
  ASSERT_TRUE(listening);
  ASSERT_EQ(::listen(listening->get(), 0), 0);
  std::vector<os::unique_fd> crowd;
  sockaddr_storage where{};
  socklen_t size = sizeof where;
  ::getsockname(listening->get(), reinterpret_cast<sockaddr*>(&where), &size);
  for (;;) {
    crowd.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::connect(crowd.back().get(), reinterpret_cast<sockaddr*>(&where), size) != 0) break;
  }
  ASSERT_EQ(errno, EAGAIN);
  client_request what;
  what.where = unix_target{directory + "/socket"};
  what.timeout = 100ms;
  EXPECT_TRUE(run(what).error().error == errc::timed_out);
  std::filesystem::remove_all(directory);
}

/// Attempts that connected, of many to a port where nobody listens, in a network of two ephemeral ports: the
/// kernel soon gives our own end that very port. Negative when this machine lets us have no such network.
int connections_to_nobody() {
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return -1;
  const os::unique_fd any(::socket(AF_INET, SOCK_DGRAM, 0));
  ifreq loopback{};
  std::strcpy(loopback.ifr_name, "lo");
  loopback.ifr_flags = IFF_UP;
  if (::ioctl(any.get(), SIOCSIFFLAGS, &loopback) != 0) return -1;
  if (!(std::ofstream("/proc/sys/net/ipv4/ip_local_port_range") << "40000 40001" << std::flush)) return -1;
  asio::io_context loop(1);
  int connected = 0;
  for (int i = 0; i < 100; ++i) {
    auto attempt = try_connect(loop.get_executor(), core::tcp_target{"127.0.0.1", 40000}, 1s);
    asio::co_spawn(
        loop, std::move(attempt),
        [&connected](std::exception_ptr, std::optional<failure> problem) { connected += problem ? 0 : 1; });
    loop.run();
    loop.restart();
  }
  return connected;
}

TEST(http_client, does_not_mistake_itself_for_a_server) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(connections_to_nobody() & 0xff);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 0xff) GTEST_SKIP() << "no network namespace to be had here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(http_client, leaves_no_descriptor) {
  const served subject(sample_routes());
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(run(request_to(subject.port())));
  EXPECT_TRUE(eventually([&] { return open_descriptors() == before; }));
}

}  // namespace
}  // namespace workspaced::http::test
