// The front doors of MCP servers as text for people.
#pragma once

#include "core/snapshot.hpp"
#include "ctl/render.hpp"

#include <string>

namespace workspaced::ctl {

/// The part of `status` about doors, a line each; no line is longer than `style.columns`.
[[nodiscard]] std::string door_table(const core::fleet_view& fleet, const style& how);

/// One door in a sentence, for `why`.
[[nodiscard]] std::string door_line(const core::door_view& door);

}  // namespace workspaced::ctl
