// Which file a program keeps its MCP servers in, and where in it.
#pragma once

#include "claude/entry.hpp"
#include "claude/failure.hpp"
#include "claude/registration.hpp"
#include "core/model.hpp"

#include <functional>
#include <optional>
#include <string>

namespace workspaced::claude {

/// What the environment says about them; an empty value counts as unset.
struct homes {
  std::optional<location> claude;  ///< nothing: Claude Code cannot be told anything
  std::string home;                ///< $HOME
  std::string config;              ///< $XDG_CONFIG_HOME, or ~/.config
};

/// `variable` is as getenv.
homes find_homes(const std::function<const char*(const char*)>& variable);

/// Where one entry stands.
struct place {
  location where;
  json::path servers;  ///< the object that the entries stand in
  entry_form form;
};

/// Fails when there is no such place (yet): no home, or a project that is not there.
result<place> claude_place(const homes& all, const core::claude_spec& how);
result<place> client_place(const homes& all, core::mcp_client which);

/// "cursor"
std::string_view name_of(core::mcp_client which);

/// What Claude Code takes for the project of a directory: the real path of the main checkout of its git
/// repository, also for subdirectories and worktrees; outside of one the real path of the directory itself.
result<std::string> project_root(const std::string& directory);

}  // namespace workspaced::claude
