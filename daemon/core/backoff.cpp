#include "core/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace workspaced::core {

duration pause_after(const backoff_spec& spec, unsigned failures, double luck) {
  // In double: factor^n overflows an integer long before it reaches a sensible cap. Infinity is fine here.
  const double cap = static_cast<double>(spec.max.count());
  const double grown =
      static_cast<double>(spec.initial.count()) * std::pow(spec.factor, failures > 0 ? failures - 1 : 0);
  const double moved = std::min(grown, cap) * (1.0 + spec.jitter * (2.0 * luck - 1.0));
  return duration(static_cast<duration::rep>(std::clamp(moved, 0.0, cap)));
}

bool gives_up(const backoff_spec& spec, unsigned failures) {
  return spec.attempts != 0 && failures >= spec.attempts;
}

}  // namespace workspaced::core
