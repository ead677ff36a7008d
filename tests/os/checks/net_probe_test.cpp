#include "os/checks/probing.hpp"
#include "os/listen.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <sys/socket.h>

#include <vector>

namespace workspaced::checks::test {
namespace {

using clock = std::chrono::steady_clock;

enum class finale { close, reset, wait };

/// On the same loop: accepts, and answers every request with the same bytes.
class canned {
 public:
  canned(boost::asio::io_context& loop, std::string text, finale last)
      : text_(std::move(text)),
        last_(last),
        listening_(*os::listen_tcp("127.0.0.1", 0)),
        watch_(loop, ::dup(listening_.get())) {
    await();
  }
  canned(const canned&) = delete;
  canned& operator=(const canned&) = delete;

  [[nodiscard]] core::tcp_target address() const { return {"127.0.0.1", os::port_of(listening_)}; }

 private:
  void await() {
    watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](const boost::system::error_code& error) {
                        if (error) return;
                        if (auto got = os::accept(listening_.get())) answer(std::move(got->fd));
                        await();
                      });
  }

  void answer(os::unique_fd fd) {
    if (!text_.empty()) ::send(fd.get(), text_.data(), text_.size(), MSG_NOSIGNAL);
    const linger hard{1, 0};
    if (last_ == finale::reset) ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    if (last_ == finale::close) ::shutdown(fd.get(), SHUT_WR);
    if (last_ != finale::reset) held_.push_back(std::move(fd));
  }

  std::string text_;
  finale last_;
  os::unique_fd listening_;
  boost::asio::posix::stream_descriptor watch_;
  std::vector<os::unique_fd> held_;
};

class net_probe : public probing {
 protected:
  probe_result ask(const canned& server, core::duration timeout = 5s) {
    return probe(http_of(server.address()), timeout);
  }
  static core::http_target http_of(core::tcp_target address) { return {address, "localhost", "/health"}; }
  static core::tcp_target nobody() {
    const auto listening = os::listen_tcp("127.0.0.1", 0);
    return {"127.0.0.1", os::port_of(*listening)};
  }
};

TEST_F(net_probe, any_2xx_is_ok) {
  for (const char* line : {"200 OK", "204 No Content", "299 Odd"}) {
    const canned server(loop_, std::string("HTTP/1.1 ") + line + "\r\nContent-Length: 0\r\n\r\n",
                        finale::close);
    const probe_result got = ask(server);
    EXPECT_TRUE(got.ok);
    EXPECT_EQ(got.answer, line);
  }
}

TEST_F(net_probe, other_statuses_are_not_and_come_with_the_first_line_of_the_body) {
  const canned redirect(loop_, "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
                        finale::close);
  EXPECT_EQ(ask(redirect).answer, "302 Found");
  EXPECT_FALSE(ask(redirect).ok);
  const canned busy(loop_, "HTTP/1.1 503 Service Unavailable\r\n\r\n\nwarming\x1b up\nmore", finale::close);
  EXPECT_EQ(ask(busy).answer, "503 Service Unavailable: warming  up");
  const canned bare(loop_, "HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n", finale::close);
  EXPECT_EQ(ask(bare).answer, "500 Internal Server Error");
  const canned wordy(loop_, "HTTP/1.1 500 Oh\r\n\r\n" + std::string(100'000, 'w'), finale::close);
  EXPECT_EQ(ask(wordy).answer, "500 Oh: " + std::string(200, 'w'));
}

TEST_F(net_probe, does_not_wait_for_the_body) {
  const canned good(loop_, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx", finale::wait);
  EXPECT_LT(ask(good).took, 1s);
  const canned bad(loop_, "HTTP/1.1 503 No\r\nContent-Length: 10\r\n\r\nx", finale::wait);
  const probe_result got = ask(bad);
  EXPECT_EQ(got.answer, "503 No: x");
  EXPECT_LT(got.took, 1s);
}

TEST_F(net_probe, tells_in_words_why_there_is_no_answer) {
  const canned reset(loop_, "", finale::reset);
  EXPECT_EQ(ask(reset).answer, "connection reset");
  const canned silent(loop_, "", finale::close);
  EXPECT_EQ(ask(silent).answer, "the connection was closed without an answer");
  const canned other(loop_, "220 mail.example ESMTP\r\n\r\n", finale::close);
  EXPECT_EQ(ask(other).answer, "the answer is not HTTP");
  const canned huge(loop_, "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'a'), finale::wait);
  EXPECT_FALSE(ask(huge).ok);
  EXPECT_FALSE(ask(huge).refused);
}

TEST_F(net_probe, knows_that_nothing_listens) {
  for (const core::probe_target& target :
       {core::probe_target(http_of(nobody())), core::probe_target(nobody())}) {
    const probe_result got = probe(target);
    EXPECT_FALSE(got.ok);
    EXPECT_TRUE(got.refused);
    EXPECT_EQ(got.answer, "connection refused");
    EXPECT_LT(got.took, 1s);
  }
}

TEST_F(net_probe, ends_in_time_when_nobody_answers) {
  const auto listening = os::listen_tcp("127.0.0.1", 0);
  const probe_result got = probe(http_of({"127.0.0.1", os::port_of(*listening)}), 200ms);
  EXPECT_EQ(got.answer, "timed out after 200 ms");
  EXPECT_FALSE(got.refused);
  EXPECT_GE(got.took, 200ms);
  EXPECT_LT(got.took, 500ms);
}

TEST_F(net_probe, tcp_is_ok_when_somebody_listens) {
  const auto listening = os::listen_tcp("127.0.0.1", 0);
  const probe_result got = probe(core::tcp_target{"127.0.0.1", os::port_of(*listening)});
  EXPECT_TRUE(got.ok);
  EXPECT_EQ(got.answer, "connected");
}

TEST_F(net_probe, ends_at_once_when_cancelled_by_any_type) {
  const auto listening = os::listen_tcp("127.0.0.1", 0);
  for (const auto type : {boost::asio::cancellation_type::terminal, boost::asio::cancellation_type::total}) {
    start(http_of({"127.0.0.1", os::port_of(*listening)}));
    loop_.run_for(20ms);
    loop_.restart();
    ASSERT_FALSE(result_);
    const auto asked = clock::now();
    stop_.emit(type);
    ASSERT_TRUE(until([&] { return result_.has_value(); }));
    EXPECT_LT(clock::now() - asked, 500ms);
    EXPECT_FALSE(result_->ok);
  }
}

TEST_F(net_probe, leaves_no_descriptor) {
  const core::tcp_target gone = nobody();
  const auto listening = os::listen_tcp("127.0.0.1", 0);
  const core::tcp_target hangs{"127.0.0.1", os::port_of(*listening)};
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    probe(http_of(gone));
    probe(gone);
    probe(hangs);
    probe(http_of(hangs), 1ms);
  }
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace workspaced::checks::test
