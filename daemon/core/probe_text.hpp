// Probe targets as people read them.
#pragma once

#include "core/model.hpp"

#include <string>

namespace workspaced::core {

/// "http http://127.0.0.1:8000/health", "tcp 127.0.0.1:5432", "exec pg_isready -q",
/// "mcp http://127.0.0.1:8000/mcp", "mcp over stdio".
[[nodiscard]] std::string describe(const probe_target& target);

}  // namespace workspaced::core
