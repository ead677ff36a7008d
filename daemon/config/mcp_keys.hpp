// The keys of [mcp.NAME] and [mcp_server].
#pragma once

#include "config/read_table.hpp"
#include "core/model.hpp"

#include <optional>
#include <span>
#include <string>

namespace workspaced::config {

/// What stands in one [mcp.NAME].
struct mcp_entry {
  core::mcp_spec server;
  std::optional<core::service_spec> own_service;  ///< of a server with a `command`; named as the server
};

[[nodiscard]] std::span<const key<mcp_entry>> mcp_keys();
[[nodiscard]] std::span<const key<core::mcp_server_spec>> mcp_server_keys();

/// One server. Complains unless it has either a command, or a service and a url.
[[nodiscard]] mcp_entry read_mcp(const std::string& name, const field& from);

}  // namespace workspaced::config
