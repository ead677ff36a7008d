#include "agent/log_page.hpp"

#include "os/logs/scratch.hpp"

#include <gtest/gtest.h>

namespace workspaced::agent {
namespace {

using strings = std::vector<std::string>;

class agent_log_page : public testing::Test {
 protected:
  void write(const std::string& text) { log_.write(text); }
  void write_lines(int from, int to) {
    for (int i = from; i <= to; ++i) write("line " + std::to_string(i) + "\n");
  }
  log_page read(log_question what) { return read_log(log_, what); }
  log_page last(std::size_t lines, const std::string& containing = {}) {
    return read({{}, lines, containing});
  }

  logs::testing::scratch_dir scratch_;
  logs::log_file log_ = *logs::log_file::open(scratch_ / "web.log", {20'000, 1});
};

TEST_F(agent_log_page, an_empty_log_has_no_lines) {
  const auto page = last(10);
  EXPECT_EQ(page.lines, strings());
  EXPECT_FALSE(page.more);
}

TEST_F(agent_log_page, shows_the_last_lines_and_goes_on_from_there) {
  write_lines(1, 10);
  const auto page = last(3);
  EXPECT_EQ(page.lines, strings({"line 8", "line 9", "line 10"}));
  EXPECT_EQ(read({page.next, 10, ""}).lines, strings());
  write_lines(11, 14);
  const auto some = read({page.next, 3, ""});
  EXPECT_EQ(some.lines, strings({"line 11", "line 12", "line 13"}));
  EXPECT_TRUE(some.more);
  const auto rest = read({some.next, 3, ""});
  EXPECT_EQ(rest.lines, strings({"line 14"}));
  EXPECT_FALSE(rest.more);
}

TEST_F(agent_log_page, finds_text_in_either_case) {
  write("one Error\ntwo\nthree ERROR\nfour error\n");
  EXPECT_EQ(last(2, "error").lines, strings({"three ERROR", "four error"}));
  EXPECT_EQ(read({0, 1, "error"}).lines, strings({"one Error"}));
  EXPECT_EQ(read({0, 9, "absent"}).lines, strings());
}

TEST_F(agent_log_page, a_line_that_has_not_ended_is_shown_again_when_it_has) {
  write("whole\npass");
  const auto page = last(5);
  EXPECT_EQ(page.lines, strings({"whole", "pass"}));
  write("word\n");
  EXPECT_EQ(read({page.next, 5, ""}).lines, strings({"password"}));
}

TEST_F(agent_log_page, colours_go_and_long_lines_are_cut) {
  write("\x1b[1;31mred\x1b[0m\r\n" + std::string(longest_line + 7, 'x') + "\n");
  const auto page = last(5);
  EXPECT_EQ(page.lines[0], "red");
  EXPECT_EQ(page.lines[1], std::string(longest_line, 'x') + " [7 bytes more]");
}

TEST_F(agent_log_page, a_page_has_a_bounded_size) {
  for (int i = 0; i < 40; ++i) write(std::string(400, '\x01') + "\n");
  const auto newest = last(200);
  const auto oldest = read({0, 200, ""});
  for (const auto& page : {newest, oldest}) {
    EXPECT_LE(page.lines.size() * 2'400, most_bytes) << "as JSON, each byte is six";
    EXPECT_GE(page.lines.size(), 10U);
  }
  EXPECT_TRUE(oldest.more);
  EXPECT_FALSE(newest.more);
}

TEST_F(agent_log_page, what_was_rotated_away_is_counted) {
  write_lines(1, 20);
  const auto page = last(1);
  for (int i = 0; i < 60; ++i) write(std::string(999, 'x') + "\n");
  const auto rest = read({page.next, 5, ""});
  EXPECT_GT(rest.lost, 10'000U);
  EXPECT_EQ(rest.lines.size(), 5U);
  EXPECT_EQ(rest.lines[0], std::string(999, 'x'));
}

TEST_F(agent_log_page, a_position_beyond_the_end_is_the_end) {
  write_lines(1, 3);
  EXPECT_EQ(read({1'000'000, 5, ""}).lines, strings());
}

}  // namespace
}  // namespace workspaced::agent
