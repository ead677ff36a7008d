// Changes one member of a JSON text by splicing: every byte outside that member stays as it was, be it the
// order of keys, the spelling of numbers, white space, a byte order mark or members that occur twice. The new
// text follows the layout around it. What is refused is left to its owner: a text that is not one whole JSON
// object.
#pragma once

#include "json/scan.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace workspaced::json {

/// Gives the member at `path` (not empty) the JSON text `value`. Missing objects on the way are created,
/// `null` counts as missing. A value that is already semantically equal is left as it is, so an unchanged
/// result means "nothing to do". Fails if `text` is not a valid JSON object, `value` not valid JSON, or
/// something other than an object is in the way.
result<std::string> set_member(std::string_view text, const path& along, std::string_view value);

/// Removes the member at `path` (not empty), all of them if the key occurs more than once in its object.
/// No such member: the text as it was.
result<std::string> remove_member(std::string_view text, const path& along);

/// The raw text of the value at `path`, a view into `text`.
result<std::optional<std::string_view>> get_member(std::string_view text, const path& along);

/// Decoded keys and raw values of the object at `path`; empty if there is no object.
result<std::vector<std::pair<std::string, std::string_view>>> list_members(std::string_view text,
                                                                           const path& along);

/// The decoded text if `value` is a string.
std::optional<std::string> string_value(std::string_view value);

/// `text` as a JSON string literal. Bytes that are not UTF-8 pass through; set_member refuses them.
std::string quote(std::string_view text);

/// Do two JSON texts mean the same? Order of keys, spelling of numbers and escapes do not count.
bool equal_values(std::string_view left, std::string_view right);

}  // namespace workspaced::json
