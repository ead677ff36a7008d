#include "os/civil_time.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace workspaced::os {
namespace {

constexpr std::time_t in_2026(int day_of_year, int hour, int minute) {  // UTC
  return 1'767'225'600 + ((day_of_year - 1) * 24 + hour) * 3600 + minute * 60;
}
constexpr int march_29 = 88;     // Berlin: 02:00 becomes 03:00 at 01:00 UTC
constexpr int october_25 = 298;  // 03:00 becomes 02:00 at 01:00 UTC

std::vector<std::time_t> moments(const char* expression, std::time_t from, int count) {
  std::vector<std::time_t> all;
  const auto when = core::parse_cron(expression);
  for (int i = 0; i < count; ++i)
    all.push_back(from = next_moment(*when, "Europe/Berlin", from).value_or(-1));
  return all;
}
using times = std::vector<std::time_t>;

class civil_time : public testing::Test {
 protected:
  void SetUp() override {
    if (!knows_zone("Europe/Berlin")) GTEST_SKIP() << "the package tzdata is not installed";
  }
};

TEST_F(civil_time, is_that_of_the_zone) {
  EXPECT_EQ(civil_of(in_2026(1, 12, 30), "Europe/Berlin"), (core::civil_minute{2026, 1, 1, 13, 30}));
  EXPECT_EQ(civil_of(in_2026(182, 12, 30), "Europe/Berlin"), (core::civil_minute{2026, 7, 1, 14, 30}));
  EXPECT_EQ(civil_of(in_2026(1, 12, 30), "UTC"), (core::civil_minute{2026, 1, 1, 12, 30}));
}

TEST_F(civil_time, leaves_our_own_zone_as_it_is) {
  ::setenv("TZ", "Asia/Tokyo", 1);
  static_cast<void>(civil_of(0, "Europe/Berlin"));
  EXPECT_STREQ(::getenv("TZ"), "Asia/Tokyo");
  EXPECT_EQ(civil_of(in_2026(1, 12, 30), ""), (core::civil_minute{2026, 1, 1, 21, 30}));
  ::unsetenv("TZ");
}

TEST_F(civil_time, a_day_in_summer_and_one_in_winter) {
  EXPECT_EQ(moments("30 8 * * *", in_2026(182, 0, 0), 2), (times{in_2026(182, 6, 30), in_2026(183, 6, 30)}));
  EXPECT_EQ(moments("30 8 * * *", in_2026(1, 8, 0), 2), (times{in_2026(2, 7, 30), in_2026(3, 7, 30)}));
}

TEST_F(civil_time, a_time_that_is_left_out_comes_once_all_the_same) {
  const times all = moments("30 2 * * *", in_2026(march_29 - 1, 12, 0), 2);
  EXPECT_GE(all[0], in_2026(march_29, 0, 30));
  EXPECT_LE(all[0], in_2026(march_29, 1, 30));
  EXPECT_EQ(all[1], in_2026(march_29 + 1, 0, 30));
}

TEST_F(civil_time, every_ten_minutes_is_every_ten_minutes_also_in_the_hour_that_comes_twice) {
  times expected;
  for (int i = 1; i <= 18; ++i) expected.push_back(in_2026(october_25, 0, 0) + i * 600);
  EXPECT_EQ(moments("*/10 * * * *", in_2026(october_25, 0, 0), 18), expected);
}

TEST_F(civil_time, every_ten_minutes_is_so_in_spring_too) {
  times expected;
  for (int i = 1; i <= 12; ++i) expected.push_back(in_2026(march_29, 0, 30) + i * 600);
  EXPECT_EQ(moments("*/10 * * * *", in_2026(march_29, 0, 30), 12), expected);
}

TEST_F(civil_time, knows_what_is_a_zone) {
  EXPECT_TRUE(knows_zone(""));
  EXPECT_TRUE(knows_zone("UTC"));
  for (const char* none : {"Europe/Nowhere", "../../etc/passwd", "/etc/passwd"})
    EXPECT_FALSE(knows_zone(none)) << none;
}

}  // namespace
}  // namespace workspaced::os
