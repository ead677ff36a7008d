// A table of the configuration, read by a table of its keys.
#pragma once

#include "config/field.hpp"
#include "core/nearest.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::config {

/// How one key gets into a `Target`.
template <class Target>
struct key {
  std::string_view name;
  std::string_view type;
  std::string_view purpose;
  void (*apply)(Target& into, const field& from);
};

/// Reads what is there, key by key in the order of `keys`, and complains of names that are no keys.
template <class Target>
void read_table(Target& into, const field& from, std::span<const key<Target>> keys) {
  std::vector<std::string> known;
  for (const key<Target>& each : keys) known.emplace_back(each.name);
  const auto present = from.entries();
  for (const key<Target>& each : keys) {
    for (const auto& [name, value] : present) {
      if (name == each.name) each.apply(into, value);
    }
  }
  for (const auto& [name, value] : present) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto meant = core::nearest(name, known);
    from.all().errors.push_back(
        {value.raw().key, value.path(), "unknown key", meant ? "did you mean " + *meant + "?" : ""});
  }
}

/// Stores a value that could be read. Integers were checked to fit.
template <class Place, class Value>
void put(Place& place, std::optional<Value> value) {
  if (value) place = static_cast<Place>(std::move(*value));
}

}  // namespace workspaced::config
