// A fleet of random services against a fake world: processes that fail to start, exit, ignore TERM or leave
// children behind, probes that answer anything at any moment, users who start, stop, restart and reload at
// any moment. Everything follows from the seed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace simulation {

struct report {
  std::optional<std::string> violation;  ///< the first invariant that did not hold, with the moment
  std::uint64_t events = 0;
  std::uint64_t spawns = 0;
  std::uint64_t became_ready = 0;
  std::uint64_t kills = 0;
  std::uint64_t hooks = 0;
  std::uint64_t deaths = 0;  ///< of the daemon
  std::uint64_t storms = 0;  ///< that a healthy service had to live through
};

/// One schedule: `steps` random happenings, then faults end and all must settle, then a shutdown must end.
[[nodiscard]] report simulate(std::uint64_t seed, unsigned steps);

}  // namespace simulation
