#include "os/civil_time.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace workspaced::os {
namespace {

/// The C library knows one zone at a time, the one of $TZ. We have one thread.
class in_zone {
 public:
  explicit in_zone(const std::string& zone) : changed_(!zone.empty()) {
    if (!changed_) return;
    if (const char* before = ::getenv("TZ")) before_ = before;
    ::setenv("TZ", (":" + zone).c_str(), 1);
    ::tzset();
  }
  in_zone(const in_zone&) = delete;
  in_zone& operator=(const in_zone&) = delete;
  ~in_zone() {
    if (!changed_) return;
    before_ ? ::setenv("TZ", before_->c_str(), 1) : ::unsetenv("TZ");
    ::tzset();
  }

 private:
  bool changed_;
  std::optional<std::string> before_;
};

core::civil_minute on_the_wall(std::time_t moment) {
  std::tm parts{};
  ::localtime_r(&moment, &parts);
  return {parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min};
}

std::time_t moment_of(const core::civil_minute& at, int daylight_saving) {
  std::tm parts{};
  parts.tm_year = at.year - 1900;
  parts.tm_mon = at.month - 1;
  parts.tm_mday = at.day;
  parts.tm_hour = at.hour;
  parts.tm_min = at.minute;
  parts.tm_isdst = daylight_saving;
  return ::mktime(&parts);
}

/// Of the moments at which the wall shows `at`, the first after `now`. A time that is left out is the later
/// of the two that it could be: as if the clock had not been put forward.
std::optional<std::time_t> first_after(const core::civil_minute& at, std::time_t now) {
  const std::time_t earlier = std::min(moment_of(at, 1), moment_of(at, 0));
  const std::time_t later = std::max(moment_of(at, 1), moment_of(at, 0));
  if (earlier > now && on_the_wall(earlier) == at) return earlier;
  const bool left_out = on_the_wall(earlier) != at && on_the_wall(later) != at;
  if (later > now && (left_out || on_the_wall(later) == at)) return later;
  return std::nullopt;
}

}  // namespace

bool knows_zone(const std::string& zone) {
  if (zone.empty() || zone == "UTC") return true;
  if (zone.starts_with('/') || zone.find("..") != std::string::npos) return false;
  const char* elsewhere = ::getenv("TZDIR");
  const std::string directory = elsewhere != nullptr ? elsewhere : "/usr/share/zoneinfo";
  return ::access((directory + "/" + zone).c_str(), R_OK) == 0;
}

core::civil_minute civil_of(std::time_t moment, const std::string& zone) {
  const in_zone there(zone);
  return on_the_wall(moment);
}

std::optional<std::time_t> next_moment(const core::cron& when, const std::string& zone, std::time_t now) {
  const in_zone there(zone);
  // Where the clock is put back, what comes next on the wall may lie behind us; and an hour that is shown
  // again is not seen by asking from its first time on.
  constexpr std::time_t an_hour = 3600;
  std::optional<std::time_t> best;
  for (const std::time_t from : {now - an_hour, now}) {
    auto at = core::next_match(when, on_the_wall(from));
    while (at) {
      const auto moment = first_after(*at, now);
      if (moment) {
        if (!best || *moment < *best) best = moment;
        break;
      }
      at = core::next_match(when, *at);
    }
  }
  return best;
}

}  // namespace workspaced::os
