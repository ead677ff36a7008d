// What must hold between the keys of a configuration.
#pragma once

#include "config/document.hpp"
#include "core/model.hpp"

#include <vector>

namespace workspaced::config {

/// Unknown dependencies, cycles, conditions that can never be met, servers of unknown services, two services
/// that write one log. Positions are looked up in `root`, the tree that the configuration came from.
void validate(const core::configuration& config, const node& root, std::vector<diagnostic>& errors);

}  // namespace workspaced::config
