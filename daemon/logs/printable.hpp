// Text of unknown origin made fit for one line of a log.
#pragma once

#include <string>
#include <string_view>

namespace workspaced::logs {

/// As the inside of a JSON string: quotes, backslashes and control characters escaped, what is not UTF-8
/// replaced by U+FFFD.
[[nodiscard]] std::string json_escaped(std::string_view text);

/// As one line on a terminal: control characters as \n, \t, \x1b; everything else as it is.
[[nodiscard]] std::string one_line(std::string_view text);

}  // namespace workspaced::logs
