// Which processes belong to a run, also when they have left its process group, its session and their parents.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

namespace workspaced::core {

/// A living process as proc(5) shows it. Number and start together are one process for ever: numbers are used
/// again.
struct process_row {
  int pid = 0;
  int parent = 0;
  int session = 0;
  std::uint64_t started = 0;  ///< clock ticks since boot

  bool operator==(const process_row&) const = default;
};

/// What is known of a run.
struct run_traces {
  int leader = 0;  ///< of its session, while its number cannot be another's (it is not reaped yet); else 0
  std::vector<process_row> known;  ///< members seen before
  std::set<int> marked;            ///< carry its marker in their environment
};

/// The members among `all`, in the order of `all`: those who are known (same number, same start) or marked,
/// the leader's session, the sessions of members, and their descendants. Nobody can enter a session from
/// outside, so a session of a member is the run's. A process that had cleared its environment, founded a
/// session of its own and lost its parent before it was seen once cannot be told from a stranger.
[[nodiscard]] std::vector<process_row> members_of(const std::vector<process_row>& all, const run_traces& run);

}  // namespace workspaced::core
