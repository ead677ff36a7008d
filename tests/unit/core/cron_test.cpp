#include "core/cron.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

namespace workspaced::core {
namespace {

std::string in_words(const civil_minute& at) {
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d", at.year, at.month, at.day, at.hour, at.minute);
  return text;
}

struct row {
  const char* expression;
  civil_minute after;
  std::vector<std::string> next;
};

class cron_times : public testing::TestWithParam<row> {};

TEST_P(cron_times, come_one_after_the_other) {
  const auto when = parse_cron(GetParam().expression);
  ASSERT_TRUE(when) << when.error();
  civil_minute at = GetParam().after;
  for (const std::string& expected : GetParam().next) {
    const auto found = next_match(*when, at);
    ASSERT_TRUE(found) << expected;
    EXPECT_EQ(in_words(*found), expected);
    at = *found;
  }
}

constexpr civil_minute monday{2026, 11, 23, 12, 30};

INSTANTIATE_TEST_SUITE_P(
    table, cron_times,
    testing::Values(
        row{"* * * * *", monday, {"2026-11-23 12:31", "2026-11-23 12:32"}},
        row{"0 */6 * * *", monday, {"2026-11-23 18:00", "2026-11-24 00:00", "2026-11-24 06:00"}},
        row{"*/20 9-10 * * *", monday, {"2026-11-24 09:00", "2026-11-24 09:20", "2026-11-24 09:40"}},
        row{"5/25 3 * * *", monday, {"2026-11-24 03:05", "2026-11-24 03:30", "2026-11-24 03:55"}},
        row{"30 12 * * mon", monday, {"2026-11-30 12:30"}}, row{"0 0 * * 7", monday, {"2026-11-29 00:00"}},
        row{"0 0 * * 0", monday, {"2026-11-29 00:00"}},
        row{"0 8 * * MON-FRI", {2026, 11, 27, 9, 0}, {"2026-11-30 08:00"}},
        row{"0 0 1 jan *", monday, {"2027-01-01 00:00"}},
        row{"0 0 29 2 *", monday, {"2028-02-29 00:00", "2032-02-29 00:00"}},
        row{"0 0 29 2 *", {2096, 3, 1, 0, 0}, {"2104-02-29 00:00"}},
        row{"0 0 31 * *", monday, {"2026-12-31 00:00", "2027-01-31 00:00", "2027-03-31 00:00"}},
        row{"0 0 13 * 5",
            monday,
            {"2026-11-27 00:00", "2026-12-04 00:00", "2026-12-11 00:00", "2026-12-13 00:00"}},
        row{"0 0 */10 * 1", monday, {"2026-12-21 00:00"}},
        row{"59 23 31 12 *", {2026, 12, 31, 23, 59}, {"2027-12-31 23:59"}},
        row{"1,2,30-32 4 * * *", monday, {"2026-11-24 04:01", "2026-11-24 04:02", "2026-11-24 04:30"}},
        row{"@hourly", monday, {"2026-11-23 13:00"}}, row{"@Weekly", monday, {"2026-11-29 00:00"}},
        row{"  0\t0 1 * *  ", monday, {"2026-12-01 00:00"}}));

TEST(cron, a_day_that_never_comes_is_no_time) { EXPECT_FALSE(next_match(*parse_cron("0 0 30 2 *"), monday)); }

TEST(cron, says_which_field_is_wrong) {
  const auto problem = [](const char* text) {
    const auto read = parse_cron(text);
    return read ? std::string("no problem") : read.error();
  };
  EXPECT_EQ(problem("60 * * * *"), "\"60\" is no minute (0 to 59)");
  EXPECT_EQ(problem("* 24 * * *"), "\"24\" is no hour (0 to 23)");
  EXPECT_EQ(problem("* * 0 * *"), "\"0\" is no day of month (1 to 31)");
  EXPECT_EQ(problem("* * * janu *"), "\"janu\" is no month (1 to 12)");
  EXPECT_EQ(problem("* * * * 8"), "\"8\" is no day of week (0 to 7)");
  EXPECT_EQ(problem("5-1 * * * *"), "\"5-1\" ends before it begins");
  EXPECT_EQ(problem("*/0 * * * *"), "\"*/0\" has no step (1 or more) after the /");
  EXPECT_EQ(problem("1-2-3 * * * *"), "\"1-2-3\" is no minute (0 to 59)");
  EXPECT_EQ(problem("1, * * * *"), "\"\" is no minute (0 to 59)");
  EXPECT_EQ(problem("1/2/3 * * * *"), "\"1/2/3\" is no minute (0 to 59)");
  EXPECT_NE(problem("* * * *").find("five fields"), std::string::npos);
  EXPECT_NE(problem("@reboot").find("five fields"), std::string::npos);
  EXPECT_NE(problem("").find("five fields"), std::string::npos);
}

}  // namespace
}  // namespace workspaced::core
