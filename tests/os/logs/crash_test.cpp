// A daemon that is killed at any moment loses no byte of a log and writes none twice.
#include "os/logs/logged_service.hpp"

#include <signal.h>

#include <cstdlib>
#include <random>
#include <sstream>

namespace workspaced::logs::testing {
namespace {

int rounds() {
  const char* text = std::getenv("WORKSPACED_CRASH_ROUNDS");
  return text == nullptr ? 200 : std::atoi(text);
}

/// Numbered lines in pieces of any size, some of them only the start of a line, with pauses.
void write_numbers(int fd, char mark, unsigned seed) {
  std::mt19937 random(seed);
  for (int number = 0;; ++number) {
    const std::string line = mark + std::to_string(number) + std::string(random() % 200, '.') + "\n";
    const std::size_t first = random() % line.size();
    write_all(fd, std::string_view(line).substr(0, first));
    if (random() % 20 == 0) ::usleep(static_cast<useconds_t>(random() % 300));
    write_all(fd, std::string_view(line).substr(first));
  }
}

struct logs_crash : logged_service, ::testing::WithParamInterface<std::uint64_t> {
  /// A daemon in a process of its own: it copies until it is killed.
  void run_daemon() {
    const auto log = open("web", GetParam(), 100'000);
    loop.run();
  }
};

TEST_P(logs_crash, every_line_is_there_once_and_in_order_whenever_the_daemon_is_killed) {
  os::unique_fd out;
  os::unique_fd err;
  {
    const auto log = open("web", GetParam(), 100'000);
    out = end_of(*log, stream::out);
    err = end_of(*log, stream::err);
  }
  auto first = std::make_unique<writer>([&] { write_numbers(out.get(), 'o', 1); });
  auto second = std::make_unique<writer>([&] { write_numbers(err.get(), 'e', 2); });
  std::mt19937 random(3);
  for (int round = 0; round < rounds(); ++round) {
    writer daemon([&] {
      loop.notify_fork(boost::asio::execution_context::fork_child);
      run_daemon();
    });
    ::usleep(static_cast<useconds_t>(random() % 8000));
  }
  first.reset();
  second.reset();
  const auto log = open("web", GetParam(), 100'000);
  log->drain();
  std::istringstream all(whole_log(path, 100'000));
  std::array<int, 2> next{};
  for (std::string line; std::getline(all, line);) {
    if (all.eof()) break;  // starts of lines: their writers died over them
    int& number = next[line.front() == 'o' ? 0 : 1];
    const std::string text = std::to_string(number);
    ASSERT_EQ(line.substr(1, text.size()), text) << "in " << line << " after " << number;
    ASSERT_EQ(line.find_first_not_of('.', 1 + text.size()), std::string::npos)
        << "two lines in one: " << line;
    ++number;
  }
  EXPECT_GT(next[0], rounds());
  EXPECT_GT(next[1], rounds());
}

INSTANTIATE_TEST_SUITE_P(rotation, logs_crash, ::testing::Values(0, 20'000),
                         [](const auto& each) { return each.param == 0 ? "off" : "on"; });

}  // namespace
}  // namespace workspaced::logs::testing
