#include "config/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace workspaced::config {
namespace {

struct unit {
  std::string_view name;
  double factor;
};

// Longest names first: "ms" before "m".
constexpr std::array<unit, 7> time_units = {
    {{"ms", 1e6}, {"us", 1e3}, {"ns", 1}, {"d", 86'400e9}, {"h", 3'600e9}, {"m", 60e9}, {"s", 1e9}}};
constexpr std::array<unit, 10> size_units = {{{"KiB", 1024.0},
                                              {"MiB", 1024.0 * 1024},
                                              {"GiB", 1024.0 * 1024 * 1024},
                                              {"TiB", 1024.0 * 1024 * 1024 * 1024},
                                              {"KB", 1e3},
                                              {"kB", 1e3},
                                              {"MB", 1e6},
                                              {"GB", 1e9},
                                              {"TB", 1e12},
                                              {"B", 1}}};

/// Takes a number without sign off the front; negative when there is none.
double take_number(std::string_view& text) {
  double value = -1;
  if (text.empty() || !(text[0] >= '0' && text[0] <= '9')) return -1;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{}) return -1;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

template <std::size_t N>
const unit* take_unit(std::string_view& text, const std::array<unit, N>& units) {
  for (const unit& each : units) {
    if (!text.starts_with(each.name)) continue;
    text.remove_prefix(each.name.size());
    return &each;
  }
  return nullptr;
}

}  // namespace

parsed<core::duration> parse_duration(std::string_view text) {
  const wrong not_one{"is not a duration; write it like \"10s\", \"500ms\" or \"1m30s\""};
  double sum = 0;
  if (text.empty()) return not_one;
  while (!text.empty()) {
    const double number = take_number(text);
    const unit* scale = number < 0 ? nullptr : take_unit(text, time_units);
    if (scale == nullptr) return not_one;
    sum += number * scale->factor;
  }
  if (sum > 0.99 * static_cast<double>(std::numeric_limits<core::duration::rep>::max()))
    return wrong{"is longer than 290 years"};
  return core::duration(static_cast<core::duration::rep>(std::llround(sum)));
}

std::string format_duration(core::duration value) {
  auto rest = value.count();
  if (rest == 0) return "0s";
  std::string text;
  for (const auto& [name, size] : {std::pair{"h", 3'600'000'000'000LL},
                                   {"m", 60'000'000'000LL},
                                   {"s", 1'000'000'000LL},
                                   {"ms", 1'000'000LL},
                                   {"us", 1'000LL},
                                   {"ns", 1LL}}) {
    if (rest < size) continue;
    text += std::to_string(rest / size) + name;
    rest %= size;
  }
  return text;
}

parsed<std::uint64_t> parse_size(std::string_view text) {
  const double number = take_number(text);
  const unit* scale = text.empty() ? &size_units.back() : take_unit(text, size_units);
  if (number < 0 || scale == nullptr || !text.empty()) {
    return wrong{"is not a size; write it like \"10MB\" or \"64KiB\""};
  }
  const double bytes = number * scale->factor;
  if (bytes > 9e18) return wrong{"is larger than any disk"};
  return static_cast<std::uint64_t>(bytes);
}

}  // namespace workspaced::config
