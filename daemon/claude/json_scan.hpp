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

namespace workspaced::claude {

/// Why a text cannot be read or edited, and where.
struct json_problem {
  std::size_t line = 1;    ///< from 1
  std::size_t column = 1;  ///< from 1, in characters
  std::string what;

  /// "line 3, column 14: a comma or } is missing"
  [[nodiscard]] std::string message() const;
};

template <class T>
using json_result = boost::system::result<T, json_problem>;

using json_path = std::vector<std::string>;  ///< keys from the root, decoded

/// A member of an object as offsets into the text; each end is one past the last byte.
struct json_member {
  std::string key;  ///< decoded
  std::size_t key_begin = 0;
  std::size_t key_end = 0;
  std::size_t value_begin = 0;
  std::size_t value_end = 0;
};

struct json_object {
  std::size_t open = 0;   ///< offset of {
  std::size_t close = 0;  ///< offset of }
  std::vector<json_member> members;

  /// The member that counts for `key`, or null.
  [[nodiscard]] const json_member* find(std::string_view key) const;
};

/// Arrays and objects inside each other; deeper texts are refused.
inline constexpr unsigned max_json_depth = 512;

/// Checks the whole text, whose root must be an object, and returns the objects along `path` as far as they
/// exist: the root, then the value of path[0] if that is an object, and so on. At least one, at most
/// path.size() + 1.
json_result<std::vector<json_object>> locate(std::string_view text, const json_path& path);

/// Checks that `text` is one JSON value of any kind.
json_result<void> check_value(std::string_view text);

/// The text of a JSON string literal that is known to be valid, quotes included. An unpaired surrogate
/// becomes the three bytes that UTF-8 would have for it.
std::string decode_string(std::string_view literal);

/// The problem `what` at `offset` of `text`.
json_problem problem_at(std::string_view text, std::size_t offset, std::string what);

}  // namespace workspaced::claude
