#include "logs/log_file.hpp"

#include "os/logs/scratch.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <random>
#include <string>

namespace workspaced::logs {
namespace {

using namespace testing;

log_file open_or_die(const std::string& path, rotation limits) {
  auto file = log_file::open(path, limits);
  if (!file) throw std::runtime_error(file.error().message());
  return std::move(*file);
}

TEST(logs_file, makes_directories_and_appends_to_what_is_there) {
  const scratch_dir dir;
  const std::string path = dir / "a/b/web.log";
  open_or_die(path, {}).write("first\n");
  log_file again = open_or_die(path, {});
  again.write("second\n");
  EXPECT_EQ(content(path), "first\nsecond\n");
  EXPECT_EQ(again.end(), 13U);
}

TEST(logs_file, says_what_it_could_not_open) {
  const scratch_dir dir;
  put(dir / "plain", "");
  const auto below = log_file::open(dir / "plain/web.log", {});
  ASSERT_FALSE(below);
  EXPECT_EQ(below.error().message(), "cannot create directory " + (dir / "plain") + ": Not a directory");
  std::filesystem::create_directory(dir / "directory");
  const auto directory = log_file::open(dir / "directory", {});
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().message(), "cannot open " + (dir / "directory") + ": Is a directory");
}

TEST(logs_file, rotates_at_the_end_of_a_line_and_keeps_as_many_files_as_asked) {
  const scratch_dir dir;
  const std::string path = dir / "web.log";
  log_file file = open_or_die(path, {.max_size = 10, .keep = 2});
  for (const char* line : {"one\n", "two\n", "three\n", "four\n", "five\n", "six\n"}) file.write(line);
  EXPECT_EQ(content(path), "six\n");
  EXPECT_EQ(content(path + ".1"), "four\nfive\n");
  EXPECT_EQ(content(path + ".2"), "three\n");
  EXPECT_FALSE(std::filesystem::exists(path + ".3"));
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST(logs_file, counts_what_it_finds_when_it_is_opened) {
  const scratch_dir dir;
  put(dir / "web.log", "found\n");
  log_file file = open_or_die(dir / "web.log", {.max_size = 10, .keep = 1});
  file.write("written\n");
  EXPECT_EQ(content(dir / "web.log.1"), "found\n");
  EXPECT_EQ(content(dir / "web.log"), "written\n");
}

TEST(logs_file, keeps_one_file_when_none_is_to_be_kept) {
  const scratch_dir dir;
  log_file file = open_or_die(dir / "web.log", {.max_size = 8, .keep = 0});
  for (const char* line : {"one\n", "two\n", "three\n"}) file.write(line);
  EXPECT_EQ(content(dir / "web.log"), "three\n");
  EXPECT_FALSE(std::filesystem::exists(dir / "web.log.1"));
}

TEST(logs_file, never_rotates_without_a_limit) {
  const scratch_dir dir;
  log_file file = open_or_die(dir / "web.log", {.max_size = 0, .keep = 5});
  for (int i = 0; i < 1000; ++i) file.write("0123456789\n");
  EXPECT_EQ(content(dir / "web.log").size(), 11000U);
  EXPECT_FALSE(std::filesystem::exists(dir / "web.log.1"));
}

/// Any blocks, lines short and long: the files are the last bytes of the stream, none is too long, and none
/// ends within a line unless a line is longer than a file.
void expect_exact_tail(unsigned seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&random](unsigned bound) { return static_cast<unsigned>(random() % bound); };
  const rotation limits{.max_size = 100 + below(2000), .keep = below(4)};
  const bool long_lines = below(2) == 0;
  const scratch_dir dir;
  log_file file = open_or_die(dir / "web.log", limits);
  std::string all;
  std::string pending;
  for (unsigned line = 0; all.size() < 20'000; ++line) {
    pending += std::to_string(line) + std::string(below(long_lines ? 4000 : 80), 'x') + "\n";
    if (below(3) == 0) continue;
    // Whole lines, as the pump gives them; with long lines also pieces.
    const std::size_t size = long_lines ? 1 + below(static_cast<unsigned>(pending.size())) : pending.size();
    file.write(std::string_view(pending).substr(0, size));
    all += pending.substr(0, size);
    pending.erase(0, size);
  }
  const std::string left = whole_log(dir / "web.log", limits.keep);
  ASSERT_EQ(left, all.substr(all.size() - left.size()));
  EXPECT_EQ(file.end(), all.size());
  EXPECT_EQ(file.begin(), all.size() - left.size());
  for (unsigned number = 0; number <= limits.keep; ++number) {
    const std::string one = content(dir / "web.log" + (number == 0 ? "" : "." + std::to_string(number)));
    EXPECT_LE(one.size(), limits.max_size);
    if (!long_lines && !one.empty()) {
      EXPECT_EQ(one.back(), '\n');
    }
    if (!long_lines && number > 0 && !one.empty()) {
      EXPECT_GT(one.size(), limits.max_size - 90);
    }
  }
}

TEST(logs_file, leaves_exactly_the_last_bytes_whatever_the_blocks) {
  for (unsigned seed = 0; seed < 60; ++seed) expect_exact_tail(seed);
}

TEST(logs_file, makes_a_deleted_file_anew) {
  const scratch_dir dir;
  log_file file = open_or_die(dir / "logs/web.log", {});
  file.write("before\n");
  std::filesystem::remove_all(dir / "logs");
  file.look();
  file.write("after\n");
  EXPECT_EQ(content(dir / "logs/web.log"), "after\n");
}

TEST(logs_file, goes_on_at_its_place_when_the_file_was_moved_away) {
  const scratch_dir dir;
  log_file file = open_or_die(dir / "web.log", {.max_size = 10, .keep = 1});
  file.write("before\n");
  std::filesystem::rename(dir / "web.log", dir / "mine");
  put(dir / "web.log", "foreign\n");
  file.write("after\n");  // does not fit: rotation meets the foreign file
  EXPECT_EQ(content(dir / "mine"), "before\n");
  EXPECT_EQ(content(dir / "web.log.1"), "foreign\n");
  EXPECT_EQ(content(dir / "web.log"), "after\n");
}

TEST(logs_file, notices_that_somebody_emptied_the_file) {
  const scratch_dir dir;
  log_file file = open_or_die(dir / "web.log", {.max_size = 10, .keep = 1});
  file.write("before\n");
  std::filesystem::resize_file(dir / "web.log", 0);
  file.look();
  file.write("after\n");
  EXPECT_EQ(content(dir / "web.log"), "after\n");
  EXPECT_FALSE(std::filesystem::exists(dir / "web.log.1"));
}

TEST(logs_file, writes_on_when_it_cannot_rotate_and_loses_no_older_file) {
  const scratch_dir dir;
  const std::string path = dir / "web.log";
  log_file file = open_or_die(path, {.max_size = 4, .keep = 2});
  for (const char* line : {"one\n", "two\n"}) file.write(line);
  std::filesystem::create_directories(path + ".new/in the way");
  for (const char* line : {"six\n", "ten\n"}) file.write(line);
  EXPECT_EQ(content(path), "two\nsix\nten\n");
  EXPECT_EQ(content(path + ".1"), "one\n");
  ASSERT_TRUE(file.trouble());
  EXPECT_EQ(file.trouble()->message(), "cannot open " + path + ".new: File exists");
  std::filesystem::remove_all(path + ".new");
  file.write("end\n");
  EXPECT_FALSE(file.trouble());
  EXPECT_EQ(whole_log(path, 2), "one\ntwo\nsix\nten\nend\n");
}

/// The kernel refuses to write beyond the limit, as a full disk does, without one.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit lower{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &lower);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    static_cast<void>(std::signal(SIGXFSZ, old_handler_));
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = SIG_DFL;
};

TEST(logs_file, counts_what_a_full_disk_refuses_and_goes_on_later) {
  const scratch_dir dir;
  log_file file = open_or_die(dir / "web.log", {});
  {
    const file_size_limit full(10);
    file.write("12345\n");
    file.write("abcdef\n");
    EXPECT_EQ(content(dir / "web.log"), "12345\nabcd");
    EXPECT_EQ(file.dropped(), 3U);
    ASSERT_TRUE(file.trouble());
    EXPECT_EQ(file.trouble()->message(), "cannot write " + (dir / "web.log") + ": File too large");
  }
  file.write("later\n");
  EXPECT_FALSE(file.trouble());
  EXPECT_EQ(content(dir / "web.log"), "12345\nabcdlater\n");
  EXPECT_EQ(file.end(), 16U);
}

TEST(logs_file, writes_to_a_device_without_rotating_it) {
  log_file file = open_or_die("/dev/null", {.max_size = 4, .keep = 1});
  for (int i = 0; i < 10; ++i) file.write("0123456789\n");
  file.look();
  EXPECT_FALSE(file.trouble());
  EXPECT_FALSE(std::filesystem::exists("/dev/null.1"));
}

TEST(logs_file, takes_new_limits_and_a_new_place) {
  const scratch_dir dir;
  const std::string path = dir / "web.log";
  log_file file = open_or_die(path, {.max_size = 4, .keep = 3});
  for (const char* line : {"one\n", "two\n", "six\n", "ten\n"}) file.write(line);
  ASSERT_TRUE(file.reconfigure(path, {.max_size = 8, .keep = 1}));
  EXPECT_TRUE(std::filesystem::exists(path + ".1"));
  EXPECT_FALSE(std::filesystem::exists(path + ".2"));
  EXPECT_FALSE(std::filesystem::exists(path + ".3"));
  file.write("end\n");
  EXPECT_EQ(content(path), "ten\nend\n");
  ASSERT_TRUE(file.reconfigure(dir / "elsewhere/web.log", {.max_size = 8, .keep = 1}));
  file.write("new\n");
  EXPECT_EQ(content(dir / "elsewhere/web.log"), "new\n");
  EXPECT_FALSE(file.reconfigure("/dev/null/web.log", {}));
  file.write("on\n");
  EXPECT_EQ(content(dir / "elsewhere/web.log"), "new\non\n");
}

}  // namespace
}  // namespace workspaced::logs
