// Clients that mean harm, or do not know better. Each gets what it deserves, and the others do not notice.
#include "unit/http/served.hpp"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <fstream>

namespace workspaced::http::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

const std::string post_echo = "POST /echo HTTP/1.1\r\nHost: localhost\r\n";

std::string get(const std::string& path, const std::string& headers = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

struct sent {
  std::string text;
  int status;
};
void PrintTo(const sent& value, std::ostream* out) { *out << value.text.substr(0, 60); }

class hostile_request : public testing::TestWithParam<sent> {};

TEST_P(hostile_request, gets_its_status) {
  const served subject(sample_routes());
  EXPECT_EQ(subject.status_of(GetParam().text), GetParam().status);
  EXPECT_EQ(subject.status_of(get_health), 200);
}

INSTANTIATE_TEST_SUITE_P(
    http_hostile, hostile_request,
    testing::Values(
        sent{get("/health", "X: " + std::string(1'000'000, 'a') + "\r\n"), 431},
        sent{"GET /" + std::string(1'000'000, 'a'), 431},
        sent{get("/health", "X: " + std::string(15'000, 'a') + "\r\n"), 200},
        sent{post_echo + "Content-Length: 100000000\r\n\r\n", 413},
        sent{post_echo + "Content-Length: 100000000\r\n\r\n" + std::string(20'000'000, 'x'), 413},
        sent{post_echo + "Content-Length: 100000000\r\nExpect: 100-continue\r\n\r\n", 413},
        sent{"GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403},
        sent{"GET /health HTTP/1.1\r\n\r\n", 400}, sent{"GET /nothing HTTP/1.1\r\nHost: x.evil\r\n\r\n", 403},
        sent{"GET http://evil.example/health HTTP/1.1\r\nHost: localhost\r\n\r\n", 403},
        sent{"GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\n\r\n", 200},
        sent{get("/health", "Origin: http://evil.example\r\n"), 403},
        sent{get("/health", "Origin: http://localhost:3000\r\n"), 200}, sent{get("/v1/services"), 401},
        sent{get("/v1/services", "Authorization: Bearer wrong\r\n"), 401},
        sent{get("/v1/services", "Authorization: Bearer read-token\r\n"), 200},
        sent{get("/health", "Authorization: Bearer wrong\r\n"), 200},
        sent{"POST /v1/reload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer read-token\r\n"
             "Content-Length: 0\r\n\r\n",
             403},
        sent{get("/v1/reload", "Authorization: Bearer admin-token\r\n"), 405}, sent{get("/nothing"), 404},
        sent{"BREW /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 405}, sent{get("/../etc/passwd"), 400},
        sent{get("/health/%2e%2e/x"), 400}, sent{get("/health%00"), 400}, sent{get("/%ff"), 400},
        sent{"\x16\x03\x01\x02\x01\x01\xfc\x03\x03 no HTTP\r\n\r\n", 400},
        sent{"GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n", 505},
        sent{post_echo + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        sent{post_echo + "Content-Length: -1\r\n\r\n", 400}));

TEST(http_hostile, an_endless_chunked_body_is_refused) {
  const served subject(sample_routes());
  wire_client client(subject.port());
  client.send(post_echo + "Transfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 100; ++i) client.send(chunk);
  EXPECT_EQ(client.status(), 413);
}

TEST(http_hostile, a_refused_client_is_read_for_a_while_and_then_closed) {
  const served subject(sample_routes());
  wire_client client(subject.port());
  client.send(post_echo + "Content-Length: 100000000\r\n\r\n");
  ASSERT_EQ(client.status(), 413);
  client.read_all();
  EXPECT_TRUE(eventually([&] { return !client.send("x"); }));
}

TEST(http_hostile, a_client_that_sends_byte_by_byte_is_ended_in_time) {
  const served subject(sample_routes());
  wire_client client(subject.port());
  const auto begun = clock::now();
  std::string sent = "GET /health HTTP/1.1\r\nX: ";
  for (const char c : sent) client.send({&c, 1});
  char nothing = 0;
  while (::recv(client.fd(), &nothing, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && clock::now() - begun < 5s) {
    client.send("a");
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_EQ(client.status(), 408);
  EXPECT_GE(clock::now() - begun, 300ms);
  EXPECT_LT(clock::now() - begun, 2s);
}

TEST(http_hostile, a_body_that_does_not_come_is_a_408) {
  const served subject(sample_routes());
  EXPECT_EQ(subject.status_of(post_echo + "Content-Length: 5\r\n\r\nhe"), 408);
}

TEST(http_hostile, an_idle_connection_is_closed_without_a_word) {
  server_options settings = served::quick();
  settings.idle_timeout = 100ms;
  const served subject(sample_routes(), settings);
  wire_client fresh(subject.port());
  EXPECT_EQ(fresh.read_all(), "");
  wire_client used(subject.port());
  used.send(get_health);
  used.read_until("true}");
  EXPECT_EQ(used.read_all(), "");
}

TEST(http_hostile, a_client_that_does_not_read_is_closed) {
  served subject(sample_routes());
  wire_client client(subject.port());
  client.send(get("/large"));
  ASSERT_EQ(client.status(), 200);
  EXPECT_TRUE(eventually([&] { return subject.connections() == 0; }));
}

TEST(http_hostile, a_slow_reader_that_reads_gets_everything) {
  const served subject(sample_routes());
  wire_client client(subject.port());
  client.send(get("/large", "Connection: close\r\n"));
  ASSERT_EQ(client.status(), 200);
  std::vector<char> block(1'000'000);
  std::size_t got = 0;
  for (ssize_t n = 1; n > 0; got += static_cast<std::size_t>(n)) {
    std::this_thread::sleep_for(10ms);  // the client's pace, well within the time it may take for a byte
    n = ::recv(client.fd(), block.data(), block.size(), 0);
    ASSERT_GE(n, 0);
  }
  EXPECT_EQ(got, 20'000'000U);
}

TEST(http_hostile, a_client_that_leaves_within_a_request_is_forgotten) {
  served subject(sample_routes());
  {
    wire_client half(subject.port());
    half.send("GET /hea");
    wire_client none(subject.port());
    wire_client body(subject.port());
    body.send(post_echo + "Content-Length: 10\r\n\r\nabc");
  }
  EXPECT_TRUE(eventually([&] { return subject.connections() == 0; }));
}

std::size_t resident_kib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word && word != "VmRSS:") {
  }
  std::size_t size = 0;
  status >> size;
  return size;
}

TEST(http_hostile, two_thousand_idle_connections_starve_nobody) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit before = limit;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 8192);
  if (limit.rlim_cur < 4096) GTEST_SKIP() << "this machine allows too few descriptors";
  ::setrlimit(RLIMIT_NOFILE, &limit);
  {
    served subject(sample_routes());
    const std::size_t memory = resident_kib();
    std::vector<std::unique_ptr<wire_client>> crowd;
    for (int i = 0; i < 2000; ++i) {
      crowd.push_back(std::make_unique<wire_client>(subject.port()));
      if (i % 2 == 0) crowd.back()->send("GET /he");
    }
    for (int i = 0; i < 20; ++i) {
      const auto asked = clock::now();
      EXPECT_EQ(subject.status_of(get_health), 200);
      EXPECT_LT(clock::now() - asked, 2s);
    }
    EXPECT_LE(subject.connections(), 512U);
    EXPECT_LT(resident_kib() - memory, 30'000U);
    RecordProperty("kib_for_idle_connections", static_cast<int>(resident_kib() - memory));
  }
  ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST(http_hostile, a_full_listener_closes_the_one_that_waits_longest) {
  server_options settings = served::quick();
  settings.max_connections = 3;
  served subject(sample_routes(), settings);
  const auto connect = [&subject](std::size_t present) {
    auto client = std::make_unique<wire_client>(subject.port());
    EXPECT_TRUE(eventually([&] { return subject.connections() == present; }));
    return client;
  };
  const auto first = connect(1);
  const auto second = connect(2);
  const auto third = connect(3);
  first->send(get_health);
  first->read_until("true}");  // has been waiting for a request for the shortest time now
  wire_client fourth(subject.port());
  EXPECT_EQ(second->read_all(), "");
  for (wire_client* each : {first.get(), third.get(), &fourth}) {
    each->send(get_health);
    EXPECT_EQ(each->status(), 200);
  }
}

TEST(http_hostile, a_listener_full_of_busy_connections_serves_the_next_one_too) {
  server_options settings = served::quick();
  settings.max_connections = 2;
  settings.write_timeout = 1h;
  const served subject(sample_routes(), settings);
  wire_client one(subject.port());
  wire_client two(subject.port());
  for (wire_client* each : {&one, &two}) {
    each->send(get("/large"));
    ASSERT_EQ(each->status(), 200);
  }
  EXPECT_EQ(subject.status_of(get_health), 200);
}

/// Leaves so many numbers for new descriptors and no more, as long as it lives.
class no_more_descriptors {
 public:
  explicit no_more_descriptors(std::size_t spare) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = 256;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) taken_.emplace_back(fd);
    taken_.resize(taken_.size() - spare);
  }
  no_more_descriptors(const no_more_descriptors&) = delete;
  no_more_descriptors& operator=(const no_more_descriptors&) = delete;
  ~no_more_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
  std::vector<os::unique_fd> taken_;
};

TEST(http_hostile, out_of_descriptors_an_idle_connection_makes_room) {
  served subject(sample_routes());
  std::vector<std::unique_ptr<wire_client>> idle;
  for (int i = 0; i < 3; ++i) idle.push_back(std::make_unique<wire_client>(subject.port()));
  ASSERT_TRUE(eventually([&] { return subject.connections() == 3; }));
  const no_more_descriptors limit(1);  // for the client's end
  EXPECT_EQ(subject.status_of(get_health), 200);
}

TEST(http_hostile, out_of_descriptors_the_listener_goes_on_when_there_are_some_again) {
  std::string reported;
  server_options settings = served::quick();
  settings.report = [&reported](const std::string& problem) { reported += problem; };
  served subject(sample_routes(), settings);
  std::unique_ptr<wire_client> waiting;
  {
    const no_more_descriptors limit(1);
    waiting = std::make_unique<wire_client>(subject.port());
    waiting->send(get_health);
    EXPECT_TRUE(eventually([&] {
      bool told = false;
      subject.on_loop([&] { told = !reported.empty(); });
      return told;
    }));
  }
  EXPECT_EQ(waiting->status(), 200);
  EXPECT_NE(reported.find("cannot accept connections: Too many open files"), std::string::npos) << reported;
}

}  // namespace
}  // namespace workspaced::http::test
