// /livez and /readyz as Kubernetes' own components answer them: one word, or with ?verbose a line for each
// check.
#pragma once

#include "core/snapshot.hpp"

#include <string>
#include <vector>

namespace workspaced::api {

struct check_answer {
  bool ok = false;
  std::string text;
};

/// The daemon answers, so it lives.
[[nodiscard]] check_answer livez(bool verbose);

/// One check for each service that counts, and one that fails while the daemon stops. `excluded` names checks
/// that do not matter this time.
[[nodiscard]] check_answer readyz(const core::fleet_view& fleet, bool verbose,
                                  const std::vector<std::string>& excluded);

}  // namespace workspaced::api
