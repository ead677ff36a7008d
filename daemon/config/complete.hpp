// Defaults that depend on other settings, and what one part of a configuration has to know of another.
#pragma once

#include "core/model.hpp"

#include <string>

namespace workspaced::config {

/// Makes directories and log files absolute and tells probes of MCP servers where those are. Again: no
/// effect.
void complete(core::configuration& config, const std::string& home);

}  // namespace workspaced::config
