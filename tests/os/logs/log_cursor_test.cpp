#include "logs/log_cursor.hpp"

#include "os/logs/scratch.hpp"

#include <gtest/gtest.h>

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

std::string read_all(log_cursor& cursor) {
  std::string all;
  for (log_piece piece = cursor.read(1000); !piece.text.empty(); piece = cursor.read(1000)) all += piece.text;
  return all;
}

TEST(logs_cursor, reads_from_the_oldest_file_to_the_end_and_then_waits_for_more) {
  const scratch_dir dir;
  log_file file = open_or_die(dir / "web.log", {.max_size = 8, .keep = 5});
  for (const char* line : {"one\n", "two\n", "three\n", "four\n"}) file.write(line);
  log_cursor cursor(file, file.begin());
  EXPECT_EQ(read_all(cursor), "one\ntwo\nthree\nfour\n");
  EXPECT_TRUE(cursor.read(10).text.empty());
  file.write("five\n");
  EXPECT_EQ(read_all(cursor), "five\n");
}

TEST(logs_cursor, finds_the_files_of_an_earlier_daemon) {
  const scratch_dir dir;
  put(dir / "web.log.2", "oldest\n");
  put(dir / "web.log.1", "older\n");
  put(dir / "web.log", "old\n");
  log_file file = open_or_die(dir / "web.log", {.max_size = 100, .keep = 2});
  file.write("new\n");
  log_cursor cursor(file, 0);
  EXPECT_EQ(read_all(cursor), "oldest\nolder\nold\nnew\n");
  EXPECT_EQ(last_lines(file, 3, 1000), "older\nold\nnew\n");
}

TEST(logs_cursor, reads_on_in_a_file_that_was_rotated_out_meanwhile) {
  const scratch_dir dir;
  log_file file = open_or_die(dir / "web.log", {.max_size = 8, .keep = 1});
  file.write("one\ntwo\n");
  log_cursor cursor(file, 0);
  EXPECT_EQ(cursor.read(3).text, "one");
  for (const char* line : {"three\n", "four\n", "five\n"}) file.write(line);
  const log_piece rest = cursor.read(100);
  EXPECT_EQ(rest.text, "\ntwo\n");
  EXPECT_EQ(rest.lost, 0U);
  const log_piece next = cursor.read(100);
  EXPECT_EQ(next.lost, 6U) << "three";
  EXPECT_EQ(next.text, "four\n");
  EXPECT_EQ(cursor.read(100).text, "five\n");
}

TEST(logs_cursor, says_what_it_lost_when_others_cut_the_file) {
  const scratch_dir dir;
  log_file file = open_or_die(dir / "web.log", {});
  file.write("before\n");
  log_cursor cursor(file, 0);
  EXPECT_EQ(cursor.read(2).text, "be");
  std::filesystem::resize_file(dir / "web.log", 0);
  file.look();
  file.write("after\n");
  const log_piece piece = cursor.read(100);
  EXPECT_EQ(piece.text, "after\n");
  EXPECT_EQ(piece.lost, 5U);
}

TEST(logs_cursor, does_not_show_what_stood_in_a_file_that_took_the_place) {
  const scratch_dir dir;
  log_file file = open_or_die(dir / "web.log", {});
  file.write("before\n");
  log_cursor cursor(file, 0);
  std::filesystem::rename(dir / "web.log", dir / "moved");
  put(dir / "web.log", "foreign\n");
  file.look();
  file.write("after\n");
  EXPECT_EQ(read_all(cursor), "after\n");
}

/// A reader of any pace beside a writer: what it gets is the stream, minus exactly what it is told it lost.
void expect_faithful_reader(unsigned seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&random](unsigned bound) { return static_cast<unsigned>(random() % bound); };
  const scratch_dir dir;
  log_file file = open_or_die(dir / "web.log", {.max_size = 200 + below(800), .keep = below(4)});
  log_cursor cursor(file, 0);
  const unsigned pace = 1 + below(4);
  std::string all;
  std::uint64_t at = 0;
  const auto read_some = [&] {
    const log_piece piece = cursor.read(1 + below(300));
    if (piece.text.empty()) return false;
    at += piece.lost;
    EXPECT_EQ(piece.text, all.substr(at, piece.text.size()));
    at += piece.text.size();
    EXPECT_EQ(cursor.position(), at);
    return true;
  };
  for (unsigned line = 0; line < 600; ++line) {
    const std::string text = std::to_string(line) + std::string(below(90), '.') + "\n";
    file.write(text);
    all += text;
    for (unsigned turns = below(pace); turns > 0; --turns) read_some();
  }
  while (read_some()) {
  }
  EXPECT_EQ(at, all.size());
}

TEST(logs_cursor, gets_every_byte_once_or_is_told_what_it_lost) {
  for (unsigned seed = 0; seed < 40; ++seed) expect_faithful_reader(seed);
}

TEST(logs_cursor, finds_where_the_last_lines_start) {
  const scratch_dir dir;
  log_file file = open_or_die(dir / "web.log", {.max_size = 8, .keep = 5});
  EXPECT_EQ(start_of_last(file, 3, 1000), 0U);
  for (const char* line : {"one\n", "two\n", "\n", "three\n", "half"}) file.write(line);
  EXPECT_EQ(last_lines(file, 0, 1000), "");
  EXPECT_EQ(last_lines(file, 1, 1000), "half");
  EXPECT_EQ(last_lines(file, 2, 1000), "three\nhalf");
  EXPECT_EQ(last_lines(file, 3, 1000), "\nthree\nhalf");
  EXPECT_EQ(last_lines(file, 4, 1000), "two\n\nthree\nhalf");
  EXPECT_EQ(last_lines(file, 50, 1000), "one\ntwo\n\nthree\nhalf");
  file.write("\n");
  EXPECT_EQ(last_lines(file, 1, 1000), "half\n");
}

TEST(logs_cursor, looks_back_as_far_as_allowed_and_starts_with_a_whole_line) {
  const scratch_dir dir;
  log_file file = open_or_die(dir / "web.log", {});
  std::string all;
  for (int line = 0; line < 30'000; ++line) all += "line " + std::to_string(line) + "\n";
  file.write(all);
  const std::string last = last_lines(file, 20'000, 1'000'000);
  EXPECT_EQ(last.substr(0, last.find('\n')), "line 10000");
  const std::string bounded = last_lines(file, 20'000, 100);
  EXPECT_LE(bounded.size(), 100U);
  EXPECT_EQ(bounded.substr(0, 5), "line ");
  EXPECT_EQ(bounded, all.substr(all.size() - bounded.size()));
  file.write(std::string(200, 'x'));
  EXPECT_EQ(last_lines(file, 1, 100), std::string(100, 'x'));
}

}  // namespace
}  // namespace workspaced::logs
