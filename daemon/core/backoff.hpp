// How long to wait before the next try.
#pragma once

#include "core/model.hpp"

namespace workspaced::core {

/// Pause before the next run after `failures` failed runs in a row (at least 1): initial *
/// factor^(failures-1), at most `max`, then moved by up to ±jitter; never above `max` nor below 0. `luck` is
/// uniform in [0, 1).
[[nodiscard]] duration pause_after(const backoff_spec& spec, unsigned failures, double luck);

/// True when no further try is due: `attempts` is set and that many runs in a row have failed.
[[nodiscard]] bool gives_up(const backoff_spec& spec, unsigned failures);

}  // namespace workspaced::core
