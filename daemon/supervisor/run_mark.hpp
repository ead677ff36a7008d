// The mark that every process of a run carries in its environment, and by which a later daemon finds it:
// WORKSPACED_RUN=<instance>/<service>/<run>/<fingerprint>.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace workspaced::supervisor {

struct run_mark {
  std::string service;
  std::uint64_t run = 0;
  std::uint64_t fingerprint = 0;  ///< of what its process was made from (core/fingerprint.hpp)

  bool operator==(const run_mark&) const = default;
};

/// What all marks of the state directory begin with.
[[nodiscard]] std::string mark_prefix(const std::string& instance);
/// What follows that, and back; empty: it is none.
[[nodiscard]] std::string to_text(const run_mark& mark);
[[nodiscard]] std::optional<run_mark> parse_mark(std::string_view text);

/// The name of its cgroup, and back.
[[nodiscard]] std::string group_name(const std::string& service, std::uint64_t run);
struct group_owner {
  std::string service;
  std::uint64_t run = 0;

  bool operator==(const group_owner&) const = default;
};
[[nodiscard]] std::optional<group_owner> parse_group_name(std::string_view name);

}  // namespace workspaced::supervisor
