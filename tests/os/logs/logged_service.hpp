// A service log on a loop of its own, and processes that write to it.
#pragma once

#include "logs/log_reader.hpp"
#include "logs/service_log.hpp"
#include "os/logs/scratch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace workspaced::logs::testing {

/// In a forked writer: all of it, or the process ends.
inline void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0) ::_exit(1);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// A forked process; killed and reaped with its owner.
class writer {
 public:
  explicit writer(const std::function<void()>& job) : pid_(::fork()) {
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    if (pid_ > 0) return;
    job();
    ::_exit(0);
  }
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;
  ~writer() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  /// True once it has ended; `status` is waitpid's.
  [[nodiscard]] bool ended() {
    if (pid_ > 0 && ::waitpid(pid_, &status, WNOHANG) == pid_) pid_ = 0;
    return pid_ == 0;
  }
  int status = -1;

 private:
  pid_t pid_;
};

struct logged_service : ::testing::Test {
  scratch_dir dir;
  boost::asio::io_context loop{1};
  std::string path = dir / "logs/web/web.log";

  [[nodiscard]] std::shared_ptr<service_log> open(const std::string& name,
                                                  std::uint64_t max_size = 10'000'000, unsigned keep = 5) {
    service_log_options options;
    options.name = name;
    options.file = dir / ("logs/" + name + "/" + name + ".log");
    options.max_size = max_size;
    options.keep = keep;
    options.fifo_dir = dir / "fifos";
    auto opened = service_log::open(loop.get_executor(), options);
    if (!opened) throw std::runtime_error(opened.error().message());
    return std::move(*opened);
  }

  [[nodiscard]] static os::unique_fd end_of(service_log& log, stream which) {
    auto fd = log.open_for_child(which);
    if (!fd) throw std::runtime_error(fd.error().message());
    return std::move(*fd);
  }

  /// Runs the loop until `done`, or fails the test after the deadline.
  void run_until(const std::function<bool()>& done,
                 std::chrono::steady_clock::duration deadline = std::chrono::seconds(30)) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    loop.restart();
    while (!done()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << "it did not happen in time";
      loop.run_one_for(std::chrono::milliseconds(20));
      if (loop.stopped()) loop.restart();
    }
  }
};

}  // namespace workspaced::logs::testing
