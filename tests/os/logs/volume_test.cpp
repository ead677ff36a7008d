// A lot of output: nothing is lost but what rotation takes, and memory stays where it is.
#include "os/logs/logged_service.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>

namespace workspaced::logs {
namespace {

using namespace testing;
using logs_volume = logged_service;

constexpr std::size_t line_length = 128;

/// Lines of one length, numbered from `first` on.
void number(std::string& lines, std::uint64_t first) {
  for (std::size_t place = 0; place < lines.size(); place += line_length, ++first) {
    const auto end = std::to_chars(lines.data() + place, lines.data() + place + 20, first).ptr;
    *end = ' ';
    lines[place + line_length - 1] = '\n';
  }
}

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

TEST_F(logs_volume, leaves_exactly_the_last_bytes_of_a_gibibyte) {
  constexpr std::uint64_t total = 1024 * 1024 * 1024;
  constexpr std::uint64_t block = 1024 * line_length;
  const auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  writer source([&] {
    for (std::uint64_t done = 0; done < total; done += block) {
      std::string lines(block, '.');
      number(lines, done / line_length);
      write_all(out.get(), lines);
    }
  });
  run_until([&] { return source.ended(); }, std::chrono::seconds(120));
  ASSERT_EQ(source.status, 0);
  log->drain();
  EXPECT_EQ(log->bytes()[0], total);
  EXPECT_EQ(log->dropped(), 0U);

  const std::string left = whole_log(path, 5);
  ASSERT_GT(left.size(), 5 * (10'000'000 - line_length));
  ASSERT_EQ(left.size() % line_length, 0U);
  std::string expected(left.size(), '.');
  number(expected, (total - left.size()) / line_length);
  EXPECT_TRUE(left == expected) << "differs from the last bytes of the stream";
  EXPECT_FALSE(std::filesystem::exists(path + ".6"));
  for (unsigned file = 1; file <= 5; ++file) {
    EXPECT_LE(std::filesystem::file_size(path + "." + std::to_string(file)), 10'000'000U);
  }
}

TEST_F(logs_volume, does_not_grow_with_a_line_of_a_hundred_megabytes) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer keeps what is freed";
#endif
  constexpr std::uint64_t total = 100'000'000;
  const auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  write_all(out.get(), "warm up\n");
  run_until([&] { return log->bytes()[0] != 0; });
  const std::uint64_t before = resident_bytes();
  std::uint64_t most = before;
  writer source([&] {
    const std::string piece(100'000, 'x');
    for (std::uint64_t done = 0; done < total; done += piece.size()) write_all(out.get(), piece);
    write_all(out.get(), "\nafter\n");
  });
  run_until([&] {
    most = std::max(most, resident_bytes());
    return source.ended();
  });
  log->drain();
  EXPECT_LT(most - before, 8'000'000U);
  EXPECT_EQ(log->bytes()[0], 8 + total + 7);
  const std::string left = whole_log(path, 5);
  EXPECT_EQ(left, std::string(left.size() - 7, 'x') + "\nafter\n");
}

}  // namespace
}  // namespace workspaced::logs
