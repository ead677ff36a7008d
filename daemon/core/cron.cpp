#include "core/cron.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

namespace workspaced::core {
namespace {

constexpr std::array<std::string_view, 12> month_names = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekday_names = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> nicknames = {{
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
}};

constexpr int years_ahead = 8;  // from one 29 February to the next are eight years at most (1896 to 1904)

struct failure {
  std::string what;
};

/// What a field may hold.
struct field {
  std::string_view name;
  int low = 0;
  int high = 0;
  const std::string_view* names = nullptr;  ///< of `low`, `low` + 1, …
  std::size_t named = 0;
};

constexpr std::array<field, 5> fields = {{
    {"minute", 0, 59, nullptr, 0},
    {"hour", 0, 23, nullptr, 0},
    {"day of month", 1, 31, nullptr, 0},
    {"month", 1, 12, month_names.data(), month_names.size()},
    {"day of week", 0, 7, weekday_names.data(), weekday_names.size()},
}};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

failure bad(const field& in, std::string_view part) {
  return {"\"" + std::string(part) + "\" is no " + std::string(in.name) + " (" + std::to_string(in.low) +
          " to " + std::to_string(in.high) + ")"};
}

boost::system::result<int, failure> number(const field& in, std::string_view part) {
  const std::string word = lower(part);
  for (std::size_t i = 0; i < in.named; ++i) {
    if (in.names[i] == word) return in.low + static_cast<int>(i);
  }
  int value = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
  if (error != std::errc{} || end != part.data() + part.size() || value < in.low || value > in.high)
    return bad(in, part);
  return value;
}

struct steps {
  int first = 0;
  int last = 0;
  int by = 1;
};

/// One of "*", "5", "1-5", "*/15", "1-30/2", "5/10": from 5 on.
boost::system::result<steps, failure> read_part(const field& in, std::string_view part) {
  const auto halves = split(part, '/');
  if (halves.size() > 2) return bad(in, part);
  steps out{in.low, in.high, 1};
  if (halves[0] != "*") {
    const auto ends = split(halves[0], '-');
    const auto first = number(in, ends[0]);
    if (!first) return first.error();
    out.first = *first;
    if (ends.size() == 2) {
      const auto last = number(in, ends[1]);
      if (!last) return last.error();
      out.last = *last;
    } else if (ends.size() > 2) {
      return bad(in, part);
    } else if (halves.size() == 1) {
      out.last = out.first;
    }
    if (out.last < out.first) return failure{"\"" + std::string(part) + "\" ends before it begins"};
  }
  if (halves.size() == 2) {
    const auto& by = halves[1];
    const auto [end, error] = std::from_chars(by.data(), by.data() + by.size(), out.by);
    if (error != std::errc{} || end != by.data() + by.size() || out.by < 1)
      return failure{"\"" + std::string(part) + "\" has no step (1 or more) after the /"};
  }
  return out;
}

/// The numbers that a field names.
boost::system::result<std::vector<int>, failure> read_field(const field& in, std::string_view text) {
  std::vector<int> numbers;
  for (const std::string_view part : split(text, ',')) {
    const auto range = read_part(in, part);
    if (!range) return range.error();
    for (int value = range->first; value <= range->last; value += range->by) numbers.push_back(value);
  }
  return numbers;
}

template <std::size_t Size>
void set_all(std::bitset<Size>& into, const std::vector<int>& numbers) {
  for (const int each : numbers) into.set(static_cast<std::size_t>(each) % Size);
}

bool day_matches(const cron& when, const std::chrono::year_month_day& day) {
  const std::chrono::weekday weekday{std::chrono::sys_days(day)};
  const bool by_day = when.days.test(static_cast<unsigned>(day.day()));
  const bool by_weekday = when.weekdays.test(weekday.c_encoding());
  // crontab(5): "If both fields are restricted, the command is run when either field matches."
  return when.any_day || when.any_weekday ? by_day && by_weekday : by_day || by_weekday;
}

}  // namespace

boost::system::result<cron, std::string> parse_cron(std::string_view text) {
  std::string_view body = text;
  for (const auto& [name, meaning] : nicknames) {
    if (lower(text) == name) body = meaning;
  }
  const auto words = words_of(body);
  if (words.size() != fields.size())
    return "\"" + std::string(text) +
           "\" is no schedule: it takes five fields, minute hour day-of-month month day-of-week";
  std::array<std::vector<int>, fields.size()> numbers;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto read = read_field(fields[i], words[i]);
    if (!read) return read.error().what;
    numbers[i] = std::move(*read);
  }
  cron out;
  set_all(out.minutes, numbers[0]);
  set_all(out.hours, numbers[1]);
  set_all(out.days, numbers[2]);
  set_all(out.months, numbers[3]);
  set_all(out.weekdays, numbers[4]);
  out.any_day = words[2].starts_with('*');
  out.any_weekday = words[4].starts_with('*');
  out.text = text;
  return out;
}

std::optional<civil_minute> next_match(const cron& when, const civil_minute& after) {
  using namespace std::chrono;
  sys_days day = year(after.year) / after.month / after.day;
  const sys_days end = sys_days(year(after.year + years_ahead) / after.month / 1) + days(31);
  int first = after.hour * 60 + after.minute + 1;
  for (; day < end; day += days(1), first = 0) {
    const year_month_day date(day);
    if (!when.months.test(static_cast<unsigned>(date.month())) || !day_matches(when, date)) continue;
    for (int minute = first; minute < 24 * 60; ++minute) {
      if (!when.hours.test(static_cast<std::size_t>(minute / 60)) ||
          !when.minutes.test(static_cast<std::size_t>(minute % 60)))
        continue;
      return civil_minute{static_cast<int>(date.year()), static_cast<int>(unsigned(date.month())),
                          static_cast<int>(unsigned(date.day())), minute / 60, minute % 60};
    }
  }
  return std::nullopt;
}

}  // namespace workspaced::core
