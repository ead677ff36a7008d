// Names and numbers of the Model Context Protocol.
//
// Two eras: up to 2025-11-25 ("legacy") a client opens a session with `initialize`; since 2026-07-28
// ("modern") every request stands alone and carries version and capabilities in its `_meta`.
#pragma once

#include <array>
#include <string_view>

namespace workspaced::mcp {

enum class era { legacy, modern };

/// Oldest first.
inline constexpr std::array<std::string_view, 4> legacy_versions = {"2024-11-05", "2025-03-26", "2025-06-18",
                                                                    "2025-11-25"};
inline constexpr std::string_view latest_legacy = legacy_versions.back();
inline constexpr std::string_view modern_version = "2026-07-28";

[[nodiscard]] constexpr bool is_legacy_version(std::string_view version) {
  for (const std::string_view each : legacy_versions) {
    if (each == version) return true;
  }
  return false;
}

/// JSON-RPC 2.0 section 5.1, and what MCP adds.
namespace code {
inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;
inline constexpr int header_mismatch = -32020;      ///< 2026-07-28
inline constexpr int missing_capability = -32021;   ///< 2026-07-28
inline constexpr int unsupported_version = -32022;  ///< 2026-07-28
}  // namespace code

namespace meta {
inline constexpr std::string_view version = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view capabilities = "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view client_info = "io.modelcontextprotocol/clientInfo";
inline constexpr std::string_view server_info = "io.modelcontextprotocol/serverInfo";
inline constexpr std::string_view subscription = "io.modelcontextprotocol/subscriptionId";
inline constexpr std::string_view log_level = "io.modelcontextprotocol/logLevel";
}  // namespace meta

namespace header {
inline constexpr const char* session = "Mcp-Session-Id";
inline constexpr const char* version = "MCP-Protocol-Version";
inline constexpr const char* method = "Mcp-Method";
inline constexpr const char* name = "Mcp-Name";
}  // namespace header

}  // namespace workspaced::mcp
