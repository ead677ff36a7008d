// The link against a server of a few lines that says what the test tells it to.
#include "ctl/daemon_link.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <future>
#include <thread>

namespace workspaced::ctl {
namespace {

using namespace std::chrono_literals;

// Listens in a directory of its own and serves connections one after the other, each by the next of `turns`.
class canned_server {
 public:
  using turn = std::function<void(int connection, const std::string& request)>;

  explicit canned_server(std::vector<turn> turns) {
    std::string pattern = std::filesystem::temp_directory_path() / "ctl-link-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd_, 16), 0);
    worker_ = std::thread([this, turns = std::move(turns)] {
      for (const auto& it : turns) serve(it);
    });
  }
  canned_server(const canned_server&) = delete;
  canned_server& operator=(const canned_server&) = delete;
  ~canned_server() {
    ::shutdown(fd_, SHUT_RDWR);
    worker_.join();
    ::close(fd_);
    std::filesystem::remove_all(directory_);
  }

  [[nodiscard]] std::string path() const { return directory_ + "/s"; }

 private:
  void serve(const turn& what) const {
    const int connection = ::accept(fd_, nullptr, nullptr);
    if (connection < 0) return;
    std::string request;
    char block[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const auto got = ::read(connection, block, sizeof block);
      if (got <= 0) break;
      request.append(block, static_cast<std::size_t>(got));
    }
    what(connection, request);
    ::close(connection);
  }

  std::string directory_;
  int fd_ = -1;
  std::thread worker_;
};

void say(int connection, const std::string& text) {
  ASSERT_EQ(::send(connection, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}

std::string whole(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string chunk(const std::string& text) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", text.size());
  return size + text + "\r\n";
}

const std::string chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

// Blocks until the other side has closed.
void await_close(int connection) {
  char byte = 0;
  while (::read(connection, &byte, 1) > 0) {
  }
}

stream_plan collecting(std::string& into) {
  stream_plan plan;
  plan.targets = {"/v1/events"};
  plan.deadline = clock::now() + 10s;
  plan.on_data = [&into](std::size_t, std::string_view data) {
    into += data;
    return flow::go_on;
  };
  return plan;
}

TEST(ctl_link, sends_a_request_and_gives_the_answer_whatever_its_status) {
  std::string seen;
  canned_server server({[&seen](int to, const std::string& request) {
    seen = request;
    say(to, whole("422 Unprocessable Entity", "{}"));
  }});
  daemon_link link(server.path());
  const auto answer = link.request("POST", "/v1/reload?dry_run=true", R"({"names":["a"]})");
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->status, 422U);
  EXPECT_EQ(answer->body, "{}");
  EXPECT_TRUE(seen.starts_with("POST /v1/reload?dry_run=true HTTP/1.1\r\n")) << seen;
}

TEST(ctl_link, says_how_to_start_a_daemon_when_none_answers) {
  std::string stale;
  {
    canned_server gone({});
    stale = gone.path();
  }
  daemon_link link(stale);
  const auto answer = link.request("GET", "/", {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, exit_code::no_daemon);
  EXPECT_EQ(answer.error().text, "no daemon answers on " + stale + "; start it: workspacectl up");
  std::string unused;
  EXPECT_EQ(link.stream(collecting(unused)).error().code, exit_code::no_daemon);
}

TEST(ctl_link, a_daemon_that_hangs_up_without_an_answer_is_none) {
  canned_server server({[](int, const std::string&) {}});
  daemon_link link(server.path());
  EXPECT_EQ(link.request("GET", "/", {}).error().code, exit_code::no_daemon);
}

TEST(ctl_link, hands_each_piece_of_a_stream_on_as_it_comes) {
  std::promise<void> first_seen;
  canned_server server({[&first_seen](int to, const std::string&) {
    say(to, chunked_head + chunk("one"));
    first_seen.get_future().wait();
    say(to, chunk("two") + "0\r\n\r\n");
  }});
  daemon_link link(server.path());
  std::string got;
  auto plan = collecting(got);
  plan.on_data = [&got, &first_seen](std::size_t, std::string_view data) {
    if (got.empty()) first_seen.set_value();
    got += data;
    return flow::go_on;
  };
  const auto end = link.stream(std::move(plan));
  ASSERT_TRUE(end) << end.error().text;
  EXPECT_EQ(*end, stream_end::closed);
  EXPECT_EQ(got, "onetwo");
}

TEST(ctl_link, stops_when_the_listener_says_so) {
  canned_server server({[](int to, const std::string&) {
    say(to, chunked_head + chunk("one"));
    await_close(to);
  }});
  daemon_link link(server.path());
  std::string got;
  auto plan = collecting(got);
  plan.on_data = [](std::size_t, std::string_view) { return flow::stop; };
  const auto end = link.stream(std::move(plan));
  ASSERT_TRUE(end);
  EXPECT_EQ(*end, stream_end::stopped);
}

TEST(ctl_link, ticks_until_the_deadline) {
  canned_server server({[](int to, const std::string&) {
    say(to, chunked_head);
    await_close(to);
  }});
  daemon_link link(server.path());
  std::string got;
  auto plan = collecting(got);
  int ticks = 0;
  plan.deadline = clock::now() + 200ms;
  plan.tick = 10ms;
  plan.on_tick = [&ticks] {
    ++ticks;
    return flow::go_on;
  };
  const auto end = link.stream(std::move(plan));
  ASSERT_TRUE(end);
  EXPECT_EQ(*end, stream_end::timed_out);
  EXPECT_GE(ticks, 2);
}

TEST(ctl_link, a_refused_stream_is_a_problem) {
  canned_server server({[](int to, const std::string&) {
    say(to, whole("404 Not Found", R"({"title":"Not Found","detail":"no service 'x'"})"));
  }});
  daemon_link link(server.path());
  std::string got;
  const auto end = link.stream(collecting(got));
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error(), failure(exit_code::usage, "no service 'x'"));
  EXPECT_EQ(got, "");
}

TEST(ctl_link, a_stream_that_breaks_off_has_ended) {
  canned_server server({[](int to, const std::string&) { say(to, chunked_head + chunk("one")); }});
  daemon_link link(server.path());
  std::string got;
  const auto end = link.stream(collecting(got));
  ASSERT_TRUE(end) << end.error().text;
  EXPECT_EQ(*end, stream_end::closed);
  EXPECT_EQ(got, "one");
}

TEST(ctl_link, reads_several_streams_side_by_side) {
  const auto answer = [](int to, const std::string& request) {
    say(to, whole("200 OK", request.find("/b ") != std::string::npos ? "from b" : "from a"));
  };
  canned_server server({answer, answer});
  daemon_link link(server.path());
  std::vector<std::string> got(2);
  stream_plan plan;
  plan.targets = {"/a", "/b"};
  plan.on_data = [&got](std::size_t target, std::string_view data) {
    got[target] += data;
    return flow::go_on;
  };
  const auto end = link.stream(std::move(plan));
  ASSERT_TRUE(end) << end.error().text;
  EXPECT_EQ(got, (std::vector<std::string>{"from a", "from b"}));
}

}  // namespace
}  // namespace workspaced::ctl
