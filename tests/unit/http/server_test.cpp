#include "os/listen.hpp"
#include "unit/http/served.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

namespace workspaced::http::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

std::string body_of(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

/// A directory that goes with the test.
struct scratch {
  scratch() { path = ::mkdtemp(name); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() { std::filesystem::remove_all(path); }

  char name[32] = "/tmp/http_test.XXXXXX";
  std::string path;
};

TEST(http_server, answers_with_the_headers_that_clients_expect) {
  const served subject(sample_routes());
  const std::string got = subject.ask(get_health);
  EXPECT_TRUE(got.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << got;
  EXPECT_NE(
      got.find(" GMT\r\nServer: workspaced\r\nContent-Type: application/json\r\nContent-Length: 14\r\n"),
      std::string::npos)
      << got;
  EXPECT_EQ(body_of(got), "{\"ready\":true}");
}

TEST(http_server, keeps_a_connection_for_the_next_request) {
  const served subject(sample_routes());
  wire_client client(subject.port());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi"));
    ASSERT_TRUE(client.read_until("\r\n\r\nhi").ends_with("hi")) << i;
  }
}

TEST(http_server, answers_requests_sent_in_a_row_in_order) {
  const served subject(sample_routes());
  wire_client client(subject.port());
  std::string all;
  for (const char* body : {"one", "two", "six"}) {
    all += "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n" + std::string(body);
  }
  client.send(all + std::string(get_health));
  const std::string got = client.read_until("{\"ready\":true}");
  EXPECT_EQ(count(got, "200 OK"), 4U);
  EXPECT_LT(got.find("one"), got.find("two"));
  EXPECT_LT(got.find("two"), got.find("six"));
}

TEST(http_server, serves_http_1_0_with_and_without_keep_alive) {
  const served subject(sample_routes());
  EXPECT_NE(subject.ask("GET /health HTTP/1.0\r\n\r\n").find("Connection: close\r\n"), std::string::npos);
  wire_client client(subject.port());
  client.send("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(client.read_until("\r\n\r\n").find("Connection: keep-alive\r\n"), std::string::npos);
  client.read_until("true}");
  client.send("GET /health HTTP/1.0\r\n\r\n");
  EXPECT_NE(client.read_all().find("true}"), std::string::npos);
}

TEST(http_server, closes_when_the_client_asks_for_it) {
  const served subject(sample_routes());
  wire_client client(subject.port());
  client.send("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_NE(client.read_all().find("Connection: close\r\n"), std::string::npos);
}

TEST(http_server, answers_head_with_the_length_and_no_body) {
  const served subject(sample_routes());
  const std::string got = subject.ask("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_NE(got.find("Content-Length: 14\r\n"), std::string::npos);
  EXPECT_EQ(body_of(got), "");
}

TEST(http_server, answers_options_without_a_length) {
  const served subject(sample_routes());
  const std::string got = subject.ask("OPTIONS /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(got.starts_with("HTTP/1.1 204 No Content")) << got;
  EXPECT_EQ(got.find("Content-Length"), std::string::npos);
}

TEST(http_server, lets_a_client_wait_for_100_continue) {
  const served subject(sample_routes());
  wire_client client(subject.port());
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  EXPECT_TRUE(client.read_until("hello").ends_with("\r\n\r\nhello"));
}

TEST(http_server, takes_a_chunked_body_and_a_large_one) {
  const served subject(sample_routes());
  const std::string large(1024 * 1024, 'b');
  const std::string head = "POST /echo HTTP/1.1\r\nHost: localhost\r\n";
  EXPECT_EQ(body_of(subject.ask(head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")), "abc");
  EXPECT_EQ(body_of(subject.ask(head + "Content-Length: 1048576\r\n\r\n" + large)), large);
}

TEST(http_server, knows_the_peer_on_the_unix_socket) {
  const scratch place;
  served subject(sample_routes());
  const std::string path = place.path + "/control.sock";
  subject.on_loop([&] { ASSERT_TRUE(subject.get().listen_unix(path)); });
  struct stat file {};
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
  wire_client client(path);
  client.send("GET /who HTTP/1.1\r\n\r\n");
  const std::string expected = std::to_string(::getuid()) + " unix";
  EXPECT_TRUE(client.read_until(expected).ends_with(expected));
  client.send("POST /v1/reload HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.status(), 200);
}

TEST(http_server, replaces_a_dead_socket_and_nothing_else) {
  const scratch place;
  served subject(sample_routes());
  const std::string path = place.path + "/control.sock";
  std::ofstream(path) << "precious";
  subject.on_loop([&] { EXPECT_FALSE(subject.get().listen_unix(path)); });
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
  std::filesystem::remove(path);

  static_cast<void>(os::listen_unix(path));  // bound and closed again: the file stays
  ASSERT_TRUE(std::filesystem::exists(path));
  subject.on_loop([&] { EXPECT_TRUE(subject.get().listen_unix(path)); });
  subject.on_loop([&] { EXPECT_FALSE(subject.get().listen_unix(path)) << "a live one"; });
}

TEST(http_server, says_why_it_cannot_listen) {
  served subject(sample_routes());
  subject.on_loop([&] {
    const auto taken = subject.get().listen_tcp("127.0.0.1", subject.port());
    ASSERT_FALSE(taken);
    EXPECT_NE(taken.error().find("Address already in use"), std::string::npos) << taken.error();
    EXPECT_FALSE(subject.get().listen_tcp("localhost", 0));
  });
}

TEST(http_server, listens_on_ipv6) {
  served subject(sample_routes());
  subject.on_loop([&] { EXPECT_TRUE(subject.get().listen_tcp("::1", 0)); });
}

TEST(http_server, its_sockets_do_not_reach_children) {
  served subject(sample_routes());
  wire_client client(subject.port());
  client.send(get_health);
  ASSERT_EQ(client.status(), 200);
  std::size_t leaky = 0;
  for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(each.path().filename());
    struct stat what {};
    if (::fstat(fd, &what) == 0 && S_ISSOCK(what.st_mode) && (::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0)
      ++leaky;
  }
  EXPECT_EQ(leaky, 0U);
}

TEST(http_server, leaves_no_descriptor_after_a_thousand_connections) {
  served subject(sample_routes());
  EXPECT_EQ(subject.status_of(get_health), 200);
  ASSERT_TRUE(eventually([&] { return subject.connections() == 0; }));
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(subject.status_of(get_health), 200);
  EXPECT_TRUE(eventually([&] { return open_descriptors() == before; }));
}

TEST(http_server, a_graceful_stop_closes_the_idle_and_finishes_the_others) {
  served subject(sample_routes());
  wire_client idle(subject.port());
  wire_client busy(subject.port());
  busy.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_EQ(busy.status(), 200);
  std::promise<void> stopped;
  subject.on_loop([&] { subject.get().stop(5s, [&] { stopped.set_value(); }); });
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_EQ(busy.read_all().size(), 20'000'000U);
  EXPECT_EQ(stopped.get_future().wait_for(5s), std::future_status::ready);
}

TEST(http_server, a_graceful_stop_is_over_when_its_time_is) {
  server_options settings = served::quick();
  settings.write_timeout = 1h;
  served subject(sample_routes(), settings);
  wire_client stuck(subject.port());
  stuck.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_EQ(stuck.status(), 200);
  std::promise<void> stopped;
  const auto begun = clock::now();
  subject.on_loop([&] { subject.get().stop(100ms, [&] { stopped.set_value(); }); });
  ASSERT_EQ(stopped.get_future().wait_for(5s), std::future_status::ready);
  EXPECT_GE(clock::now() - begun, 100ms);
}

TEST(http_server, a_stop_without_connections_is_told_too) {
  served subject(sample_routes());
  std::promise<void> stopped;
  subject.on_loop([&] { subject.get().stop(1h, [&] { stopped.set_value(); }); });
  EXPECT_EQ(stopped.get_future().wait_for(5s), std::future_status::ready);
}

}  // namespace
}  // namespace workspaced::http::test
