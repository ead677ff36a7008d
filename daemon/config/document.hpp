// A TOML text as a tree of values with positions. The rest of the room knows this tree and not the TOML
// library.
#pragma once

#include "config/diagnostic.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace workspaced::config {

struct node;
using table = std::map<std::string, node>;
using array = std::vector<node>;

struct node {
  /// `std::monostate`: a value of a kind that no key takes (dates and times).
  std::variant<std::monostate, std::string, std::int64_t, double, bool, array, table> value;
  position where;
  position key;  ///< of the key, in a table
};

/// "a string", "a table".
[[nodiscard]] std::string_view kind_of(const node& subject);

/// Reads one file's text. Errors of syntax, and text that is not UTF-8, go to `errors`; the result is then
/// empty.
[[nodiscard]] node parse_toml(std::string_view text, const std::string& file,
                              std::vector<diagnostic>& errors);

/// Lays `upper` over `base`: tables are merged key by key, everything else is replaced.
void overlay(node& base, node upper);

}  // namespace workspaced::config
