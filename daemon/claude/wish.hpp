// What the configuration wants a program to be told, and what that comes to: which file, where in it, which
// text. That depends on the machine of the moment (is the project there, which Claude Code is installed), so
// it is asked anew each time.
#pragma once

#include "claude/installed.hpp"
#include "claude/places.hpp"
#include "core/model.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace workspaced::claude {

/// Where a client finds us, and how it proves that it may come in.
struct door {
  std::string address;       ///< "http://127.0.0.1:9001"
  std::string token;         ///< ours, for reading. A secret: never log it
  std::string workspacectl;  ///< its absolute path; empty: there is none, so no helper
  std::string socket;        ///< of the daemon, for workspacectl
};

/// Claude Code, or another program.
using program = std::variant<core::claude_spec, core::mcp_client>;

struct wish {
  std::string server;  ///< the name of the entry
  std::string path;    ///< of the door: "/mcp/fleet"
  claude::program program;
};

/// Everything that a configuration wants, by server; also that Claude Code is told nothing (claude = false).
std::vector<wish> wishes_of(const core::configuration& config);

struct destination {
  location where;
  json::path at;
  std::string text;  ///< may hold a secret
};

/// Fails when it has no place now, with a sentence that says why.
result<destination> resolve(const wish& what, const door& ours, const homes& all,
                            const std::optional<version>& installed);

/// The command line that prints the headers for a server.
std::string helper_command(const door& ours, const std::string& server);

/// "claude", "cursor"
std::string_view name_of(const program& which);
/// "user", "project", "local"; empty for programs that know no scopes.
std::string_view scope_of(const program& which);

}  // namespace workspaced::claude
