// Five fields of time: "minute hour day-of-month month day-of-week", as in crontab(5). Works on the civil
// time of some place; which moment that is, is somebody else's business.
#pragma once

#include <boost/system/result.hpp>

#include <bitset>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace workspaced::core {

/// A minute on the wall: no zone, no seconds.
struct civil_minute {
  int year = 1970;
  int month = 1;  ///< 1 to 12
  int day = 1;    ///< 1 to 31
  int hour = 0;
  int minute = 0;
  auto operator<=>(const civil_minute&) const = default;
};

/// Lists, ranges, steps, names (JAN, mon), "@hourly" and its kin; 7 is Sunday too. As in crontab(5), a day
/// matches by either field when both are restricted.
struct cron {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days;
  std::bitset<13> months;
  std::bitset<7> weekdays;  ///< 0: Sunday
  bool any_day = false;     ///< the field was *
  bool any_weekday = false;
  std::string text;  ///< as written

  bool operator==(const cron&) const = default;
};

/// Fails with a sentence that names the field.
[[nodiscard]] boost::system::result<cron, std::string> parse_cron(std::string_view text);

/// The first matching minute after `after`; nothing when there is none in the next eight years ("0 0 30 2
/// *").
[[nodiscard]] std::optional<civil_minute> next_match(const cron& when, const civil_minute& after);

}  // namespace workspaced::core
