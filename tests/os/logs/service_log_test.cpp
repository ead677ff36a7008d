#include "logs/service_log.hpp"

#include "logs/daemon_log.hpp"
#include "os/logs/logged_service.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace workspaced::logs {
namespace {

using namespace testing;
using logs_service = logged_service;

TEST_F(logs_service, gives_a_run_blocking_ends_that_it_does_not_leak) {
  const auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  EXPECT_EQ(::fcntl(out.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(::fcntl(out.get(), F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDWR);
  struct stat found {};
  ASSERT_EQ(::stat((dir / "fifos/web.err").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0600U);
}

TEST_F(logs_service, copies_both_streams_and_counts_them) {
  const auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  const os::unique_fd err = end_of(*log, stream::err);
  write_all(out.get(), "to stdout\n");
  run_until([&] { return content(path) == "to stdout\n"; });
  write_all(err.get(), "to stderr\n");
  run_until([&] { return content(path) == "to stdout\nto stderr\n"; });
  const std::array<std::uint64_t, 2> expected{10, 10};
  EXPECT_EQ(log->bytes(), expected);
}

TEST_F(logs_service, has_everything_in_the_file_after_drain_even_an_unfinished_line) {
  const auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  const os::unique_fd err = end_of(*log, stream::err);
  write_all(out.get(), "whole\nhalf");
  write_all(err.get(), "why\n");
  log->drain();
  EXPECT_EQ(content(path), "whole\nwhy\nhalf");
}

TEST_F(logs_service, shows_an_unfinished_line_after_a_while_and_not_before) {
  const auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  const auto begin = std::chrono::steady_clock::now();
  write_all(out.get(), "password: ");
  loop.run_for(service_log::line_patience / 2);
  EXPECT_EQ(content(path), "");
  run_until([&] { return content(path) == "password: "; });
  EXPECT_GE(std::chrono::steady_clock::now() - begin, service_log::line_patience);
}

TEST_F(logs_service, sleeps_while_nothing_is_written) {
  const auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  write_all(out.get(), "half");
  run_until([&] { return content(path) == "half"; });
  EXPECT_EQ(loop.run_for(std::chrono::milliseconds(200)), 0U);
}

/// Two processes write lines in pieces of any size to one stream each.
void write_lines(int fd, char mark, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  for (int line = 0; line < 20'000; ++line) {
    text += mark + std::to_string(line) + std::string(random() % 120, mark) + mark + "\n";
  }
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t size = std::min<std::size_t>(rest.size(), 1 + random() % 300);
    write_all(fd, rest.substr(0, size));
    rest.remove_prefix(size);
  }
}

TEST_F(logs_service, keeps_the_lines_of_both_streams_whole_and_in_order) {
  const auto log = open("web", 100'000, 1000);
  const os::unique_fd out = end_of(*log, stream::out);
  const os::unique_fd err = end_of(*log, stream::err);
  writer first([&] { write_lines(out.get(), 'o', 1); });
  writer second([&] { write_lines(err.get(), 'e', 2); });
  run_until([&] { return first.ended() && second.ended(); });
  log->drain();
  std::istringstream all(whole_log(path, 100));
  std::array<int, 2> next{};
  for (std::string line; std::getline(all, line);) {
    const char mark = line.front();
    int& number = next[mark == 'o' ? 0 : 1];
    ASSERT_EQ(line.back(), mark) << line;
    ASSERT_EQ(line.find_first_not_of(mark, 1 + std::to_string(number).size()), std::string::npos) << line;
    ASSERT_EQ(line.substr(1, std::to_string(number).size()), std::to_string(number));
    ++number;
  }
  EXPECT_EQ(next[0], 20'000);
  EXPECT_EQ(next[1], 20'000);
}

TEST_F(logs_service, does_not_wait_for_a_writer_that_never_stops) {
  const auto log = open("web", 1'000'000, 1);
  const os::unique_fd out = end_of(*log, stream::out);
  const writer endless([&] {
    const std::string lines(64 * 1024, '\n');
    for (;;) write_all(out.get(), lines);
  });
  run_until([&] { return log->bytes()[0] > 1'000'000; });
  const std::uint64_t before = log->bytes()[0];
  log->drain();
  EXPECT_LE(log->bytes()[0] - before, 5'000'000U);
}

TEST_F(logs_service, gives_every_service_its_turn_beside_one_that_floods) {
  const auto noisy = open("noisy", 1'000'000, 1);
  const auto quiet = open("quiet");
  const os::unique_fd flood = end_of(*noisy, stream::out);
  const os::unique_fd out = end_of(*quiet, stream::out);
  const writer endless([&] {
    const std::string lines(64 * 1024, '\n');
    for (;;) write_all(flood.get(), lines);
  });
  run_until([&] { return noisy->bytes()[0] > 10'000'000; });
  for (std::uint64_t line = 1; line <= 50; ++line) {
    const std::uint64_t flooded = noisy->bytes()[0];
    write_all(out.get(), "x\n");
    run_until([&] { return quiet->bytes()[0] == 2 * line; });
    // A turn of the noisy one may be under way, and another one may be ready beside ours.
    EXPECT_LE(noisy->bytes()[0] - flooded, 3U * 1024 * 1024);
  }
}

TEST_F(logs_service, lets_its_writers_live_when_the_daemon_goes_and_finds_their_output_later) {
  auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  write_all(out.get(), "before\n");
  log->drain();
  log.reset();
  writer orphan([&] { write_all(out.get(), "meanwhile\n"); });
  run_until([&] { return orphan.ended(); });
  EXPECT_EQ(orphan.status, 0) << "not killed by SIGPIPE";
  const auto next = open("web");
  run_until([&] { return content(path) == "before\nmeanwhile\n"; });
}

TEST_F(logs_service, connects_a_run_even_when_the_fifos_were_deleted) {
  const auto log = open("web");
  std::filesystem::remove_all(dir / "fifos");
  const os::unique_fd out = end_of(*log, stream::out);
  write_all(out.get(), "still\n");
  log->drain();
  EXPECT_EQ(content(path), "still\n");
}

TEST_F(logs_service, refuses_what_is_no_fifo) {
  std::filesystem::create_directory(dir / "fifos");
  put(dir / "fifos/web.err", "a file");
  service_log_options options;
  options.name = "web";
  options.file = path;
  options.fifo_dir = dir / "fifos";
  const auto opened = service_log::open(loop.get_executor(), options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message(), "cannot use " + (dir / "fifos/web.err") + " as a FIFO: File exists");
}

TEST_F(logs_service, deletes_its_fifos_when_it_is_closed_for_good) {
  const auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  write_all(out.get(), "last\n");
  log->close();
  EXPECT_EQ(content(path), "last\n");
  EXPECT_TRUE(std::filesystem::is_empty(dir / "fifos"));
  EXPECT_FALSE(log->open_for_child(stream::out));
  log->close();
  log->drain();
}

TEST_F(logs_service, leaves_no_descriptor_behind) {
  open("web")->drain();  // what all logs of a loop share is made
  const std::uint64_t before = open_fds();
  for (int round = 0; round < 50; ++round) {
    const auto log = open("web", 1000, 2);
    const os::unique_fd out = end_of(*log, stream::out);
    log_reader reader(log, 0);
    for (int line = 0; line < 50; ++line) {
      write_all(out.get(), std::string(100, 'x') + "\n");
      log->drain();
      static_cast<void>(reader.read(50));
    }
  }
  EXPECT_EQ(open_fds(), before);
}

TEST_F(logs_service, takes_new_limits_and_a_new_file) {
  const auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  log->reconfigure(dir / "logs/other.log", 4, 1);
  for (const char* line : {"one\n", "two\n", "six\n"}) {
    write_all(out.get(), line);
    log->drain();
  }
  EXPECT_EQ(content(path), "");
  EXPECT_EQ(whole_log(dir / "logs/other.log", 2), "two\nsix\n");
}

TEST_F(logs_service, finds_a_deleted_file_missing_and_makes_it_anew) {
  const auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  std::filesystem::remove(path);
  run_until([&] {
    write_all(out.get(), "on\n");
    log->drain();
    return !content(path).empty();
  });
}

TEST_F(logs_service, says_once_that_the_disk_is_full_and_keeps_its_service_running) {
  std::filesystem::create_directories(dir / "logs/web");
  std::filesystem::create_symlink("/dev/full", path);
  daemon_log_options own;
  own.file = dir / "workspaced.log";
  ASSERT_TRUE(open_daemon_log(own));
  const auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  for (int line = 0; line < 3; ++line) {
    write_all(out.get(), std::string(50'000, 'x') + "\n");
    log->drain();
  }
  ASSERT_TRUE(open_daemon_log({}));
  EXPECT_EQ(log->dropped(), 150'003U);
  EXPECT_EQ(log->trouble(), "cannot write " + path + ": No space left on device");
  const std::string said = content(own.file);
  EXPECT_NE(said.find("error [web] cannot write " + path + ": No space left on device; "), std::string::npos);
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1);
}

}  // namespace
}  // namespace workspaced::logs
