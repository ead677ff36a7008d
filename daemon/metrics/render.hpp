// Everything that /metrics tells, from one moment of the daemon. Pure.
#pragma once

#include "core/snapshot.hpp"
#include "metrics/exposition.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace workspaced::metrics {

/// The daemon's own process, for the standard process_* metrics.
struct process_facts {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  double start_time = 0;  ///< seconds since the epoch
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
};

struct observation {
  core::fleet_view fleet;
  std::chrono::system_clock::time_point now;         ///< when `fleet` was seen: views know ages only
  std::map<std::string, core::process_usage> usage;  ///< by service; those without have no samples
  std::optional<process_facts> self;
};

/// Families in a fixed order, services by name. A family for which nothing is known is left out.
[[nodiscard]] std::string render(const observation& seen, format how);

}  // namespace workspaced::metrics
