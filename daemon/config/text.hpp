// The small languages inside configuration strings: durations, sizes, command lines, variables, env files.
#pragma once

#include "core/model.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace workspaced::config {

/// What is wrong with a text, to be read behind its name: "is not a duration; write it like …".
struct wrong {
  std::string why;
};
/// For `parsed<T>::value()` on a wrong text: a programmer's error.
[[noreturn]] inline void throw_exception_from_error(const wrong& error, const boost::source_location&) {
  throw std::invalid_argument(error.why);
}
/// A value, or what is wrong with the text.
template <class T>
using parsed = boost::system::result<T, wrong>;

/// "500ms", "10s", "1.5m", "2h", "1d", "1m30s". A bare number has no unit and is refused.
[[nodiscard]] parsed<core::duration> parse_duration(std::string_view text);
/// The shortest text that parse_duration reads back to the same value: "90s" is "1m30s".
[[nodiscard]] std::string format_duration(core::duration value);

/// "4096", "10MB" (10^6), "64KiB" (2^10).
[[nodiscard]] parsed<std::uint64_t> parse_size(std::string_view text);

/// Words as a POSIX shell splits them: blanks, '…', "…" with \" \\ \$ \`, and \ outside of quotes. Nothing is
/// expanded and no character is an operator.
[[nodiscard]] parsed<std::vector<std::string>> split_words(std::string_view text);

/// Nothing when the variable is not set.
using variable_lookup = std::function<std::optional<std::string>(const std::string& name)>;

/// Replaces ${NAME}, ${NAME:-default}, ${NAME:?message} and $$. Defaults may hold expansions themselves; an
/// empty variable counts as unset for both. Every other $ stays.
[[nodiscard]] parsed<std::string> expand(std::string_view text, const variable_lookup& variables);

using assignment = std::pair<std::string, std::string>;
/// One line of an env file: NAME=value, export NAME=value; 'single' quotes are literal, "double" ones know \"
/// \\ \$; an unquoted value ends at " #". Nothing for a blank line or a comment.
[[nodiscard]] parsed<std::optional<assignment>> parse_assignment(std::string_view line);

}  // namespace workspaced::config
