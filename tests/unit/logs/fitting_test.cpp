// Where a log is cut when it rotates.
#include "logs/log_file.hpp"

#include <gtest/gtest.h>

#include <string>

namespace workspaced::logs {
namespace {

TEST(logs_fitting, takes_the_whole_block_when_there_is_room) {
  EXPECT_EQ(fitting("a\nb\n", 0, 10, false), 4U);
  EXPECT_EQ(fitting("a\nb\n", 6, 10, false), 4U);
  EXPECT_EQ(fitting("no end", 4, 10, false), 6U);
}

TEST(logs_fitting, cuts_after_the_last_line_that_fits) {
  EXPECT_EQ(fitting("aa\nbb\ncc\n", 0, 7, false), 6U);
  EXPECT_EQ(fitting("aa\nbb\ncc\n", 3, 7, false), 3U);
  EXPECT_EQ(fitting("aa\nbb\n", 0, 3, false), 3U);
}

TEST(logs_fitting, rotates_first_when_the_next_line_fits_into_a_new_file_only) {
  EXPECT_EQ(fitting("abcdef\n", 5, 10, false), 0U);
  EXPECT_EQ(fitting("abcdefghi\n", 1, 10, false), 0U);
  EXPECT_EQ(fitting("abcdef", 5, 10, false), 0U);
}

TEST(logs_fitting, fills_the_file_with_a_line_that_is_longer_than_any_file) {
  EXPECT_EQ(fitting("abcdefghijk\n", 4, 10, false), 6U);
  EXPECT_EQ(fitting("abcdefghijk\n", 0, 10, false), 10U);
}

TEST(logs_fitting, fills_the_file_when_the_line_is_split_already) {
  EXPECT_EQ(fitting("abcdef\n", 5, 10, true), 5U);
}

TEST(logs_fitting, rotates_first_when_the_file_is_full_or_too_long) {
  EXPECT_EQ(fitting("a\n", 10, 10, false), 0U);
  EXPECT_EQ(fitting("a\n", 10, 10, true), 0U);
  EXPECT_EQ(fitting("a\n", 99, 10, true), 0U);
}

TEST(logs_fitting, makes_progress_with_an_empty_file_whatever_the_block) {
  for (const std::uint64_t max_size : {1U, 2U, 3U, 10U}) {
    for (const char* block : {"\n", "a\n", "abc", "\n\n\n\n\n", "a\nbcdefghijklmn"}) {
      const std::size_t now = fitting(block, 0, max_size, false);
      EXPECT_GT(now, 0U) << block << " into " << max_size;
      EXPECT_LE(now, max_size) << block << " into " << max_size;
    }
  }
}

}  // namespace
}  // namespace workspaced::logs
