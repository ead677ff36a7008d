// What `promtool check metrics` and the OpenMetrics specification find fault with, as far as our families can
// err.
#pragma once

#include "metrics/exposition.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace workspaced::test {

/// Every fault of an exposition, each with its line; empty: clean.
[[nodiscard]] std::vector<std::string> faults_of(std::string_view text, metrics::format how);

}  // namespace workspaced::test
