// What becomes of a service whose daemon died: what was remembered of it, and what the machine shows, make
// the state in which the next daemon goes on.
#pragma once

#include "core/lifecycle.hpp"

#include <cstdint>
#include <optional>

namespace workspaced::core {

/// What is left of a run on the machine.
struct run_remains {
  std::uint64_t run = 0;
  std::optional<int> leader;  ///< its first process is there, or its end can still be learnt
  bool others = false;        ///< somebody else of it is there
};

struct takeover {
  service state;
  std::optional<event> since;  ///< for `fleet::restore`
};

/// `remembered` may be behind: a run that is there without being remembered was started after it was written.
[[nodiscard]] takeover take_over(service remembered, const std::optional<run_remains>& found, time_point now);

/// The run that is to be looked for: the current one, 0 when there is none.
[[nodiscard]] std::uint64_t run_to_find(const service& remembered);

}  // namespace workspaced::core
