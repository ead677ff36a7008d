// The figures of the moment as /metrics shows them.
#pragma once

#include "api/routes.hpp"
#include "core/snapshot.hpp"

#include <string_view>

namespace workspaced::app {

/// Reads what /proc says of the daemon and of each service's process, and renders all in the format that
/// `accept` asks for.
[[nodiscard]] api::exposition expose(core::fleet_view view, std::string_view accept);

}  // namespace workspaced::app
