// Reads a JSON text without changing or copying it: is it whole and valid, and where do the members along one
// path lie? Strict RFC 8259, with two concessions to Claude Code, which accepts both: a byte order mark at
// the start, and unpaired surrogates as escapes. Where a key occurs twice the last one counts, as in
// JavaScript.
#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::json {

/// Why a text cannot be read or edited, and where.
struct problem {
  std::size_t line = 1;    ///< from 1
  std::size_t column = 1;  ///< from 1, in characters
  std::string what;

  /// "line 3, column 14: a comma or } is missing"
  [[nodiscard]] std::string message() const;
};

template <class T>
using result = boost::system::result<T, problem>;

using path = std::vector<std::string>;  ///< keys from the root, decoded

/// A member of an object as offsets into the text; each end is one past the last byte.
struct member {
  std::string key;  ///< decoded
  std::size_t key_begin = 0;
  std::size_t key_end = 0;
  std::size_t value_begin = 0;
  std::size_t value_end = 0;
};

struct object {
  std::size_t open = 0;   ///< offset of {
  std::size_t close = 0;  ///< offset of }
  std::vector<member> members;

  /// The member that counts for `key`, or null.
  [[nodiscard]] const member* find(std::string_view key) const;
};

/// Arrays and objects inside each other; deeper texts are refused.
inline constexpr unsigned max_depth = 512;

/// Checks the whole text, whose root must be an object, and returns the objects along `path` as far as they
/// exist: the root, then the value of path[0] if that is an object, and so on. At least one, at most
/// path.size() + 1.
result<std::vector<object>> locate(std::string_view text, const path& along);

/// The elements of a JSON array, views into `text`; none when it is not one.
[[nodiscard]] std::vector<std::string_view> elements(std::string_view text);

/// Checks that `text` is one JSON value of any kind.
result<void> check_value(std::string_view text);

/// The text of a JSON string literal that is known to be valid, quotes included. An unpaired surrogate
/// becomes the three bytes that UTF-8 would have for it.
std::string decode_string(std::string_view literal);

/// The problem `what` at `offset` of `text`.
problem problem_at(std::string_view text, std::size_t offset, std::string what);

}  // namespace workspaced::json
