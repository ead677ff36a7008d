#include "core/durations.hpp"

#include <chrono>

namespace workspaced::core {

std::string in_words(duration value) {
  using namespace std::chrono;
  const auto ms = duration_cast<milliseconds>(value).count();
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (ms < 10'000) return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
  const auto s = ms / 1000;
  const auto pair = [](auto big, const char* big_unit, auto small, const char* small_unit) {
    std::string text = std::to_string(big) + big_unit;
    return small == 0 ? text : text + " " + std::to_string(small) + small_unit;
  };
  if (s < 60) return std::to_string(s) + " s";
  if (s < 3600) return pair(s / 60, " min", s % 60, " s");
  if (s < 86'400) return pair(s / 3600, " h", s % 3600 / 60, " min");
  return pair(s / 86'400, " d", s % 86'400 / 3600, " h");
}

}  // namespace workspaced::core
