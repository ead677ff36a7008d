// Some lines of a log, few enough for a model to read.
#pragma once

#include "logs/log_file.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace workspaced::agent {

struct log_question {
  std::optional<std::uint64_t> from;  ///< position to read on from; empty: the last lines
  std::size_t lines = 100;
  std::string containing;  ///< only lines with this text, upper and lower case aside; empty: all
};

struct log_page {
  std::vector<std::string> lines;  ///< any bytes, without colours; long ones are cut
  std::uint64_t next = 0;          ///< where the next look goes on: after the last whole line
  bool more = false;               ///< there is more behind `next`
  std::uint64_t lost = 0;          ///< bytes that were rotated away before they were read
};

/// Reads at most `longest_scan` bytes. A line that has not ended yet is shown, and shown again once it has.
[[nodiscard]] log_page read_log(const logs::log_file& log, const log_question& what);

inline constexpr std::uint64_t longest_scan = 4 * 1024 * 1024;
/// Of all lines of a page as JSON, and of one as it is.
inline constexpr std::size_t most_bytes = 36'000;
inline constexpr std::size_t longest_line = 2'000;

}  // namespace workspaced::agent
