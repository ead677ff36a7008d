// What must hold between the keys of a configuration.
#pragma once

#include "config/document.hpp"
#include "core/model.hpp"

#include <functional>
#include <string>
#include <vector>

namespace workspaced::config {

/// Unknown dependencies, cycles, conditions that can never be met, servers of unknown services, two services
/// that write one log, time zones that the machine does not know. Positions are looked up in `root`, the tree
/// that the configuration came from.
void validate(const core::configuration& config, const node& root,
              const std::function<bool(const std::string&)>& knows_zone, std::vector<diagnostic>& errors);

}  // namespace workspaced::config
