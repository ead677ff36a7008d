// What a door counts.
#pragma once

#include "core/snapshot.hpp"

#include <chrono>

namespace workspaced::door {

class tally {
 public:
  using outcome = core::door_outcome;

  void count(outcome what) { ++figures_.outcomes[static_cast<std::size_t>(what)]; }
  void count(outcome what, std::chrono::nanoseconds took);
  void replayed() { ++figures_.replayed; }
  void hold() { ++figures_.held_total, ++figures_.held; }
  void release() { --figures_.held; }

  [[nodiscard]] const core::door_figures& figures() const { return figures_; }

 private:
  core::door_figures figures_;
};

inline void tally::count(outcome what, std::chrono::nanoseconds took) {
  count(what);
  const double seconds = std::chrono::duration<double>(took).count();
  for (std::size_t i = 0; i < core::door_bounds.size(); ++i) {
    if (seconds <= core::door_bounds[i]) ++figures_.buckets[i];
  }
  ++figures_.count;
  figures_.sum_seconds += seconds;
}

}  // namespace workspaced::door
