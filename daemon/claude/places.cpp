#include "claude/places.hpp"

#include "os/files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace workspaced::claude {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_git_file = 64U << 10U;  // one line with a path

/// A program that keeps its servers in a file of its own.
struct client {
  core::mcp_client which;
  std::string_view name;
  std::string homes::*base;
  std::string_view file;
  entry_form form;
};

constexpr std::array clients = {
    client{core::mcp_client::cursor, "cursor", &homes::home, "/.cursor/mcp.json", {"mcpServers", "", "url"}},
    client{core::mcp_client::vscode,
           "vscode",
           &homes::config,
           "/Code/User/mcp.json",
           {"servers", "http", "url"}},
    client{core::mcp_client::gemini,
           "gemini",
           &homes::home,
           "/.gemini/settings.json",
           {"mcpServers", "", "httpUrl"}},
};

const client& row_of(core::mcp_client which) {
  return *std::find_if(clients.begin(), clients.end(),
                       [which](const client& row) { return row.which == which; });
}

/// The first line of a file that git wrote, after `prefix`; empty if there is none.
std::string git_line(const fs::path& file, std::string_view prefix) {
  const auto text = os::read_whole(file.string(), max_git_file);
  if (!text || !text->starts_with(prefix)) return {};
  return text->substr(prefix.size(), text->find_first_of("\r\n") - prefix.size());
}

/// A worktree's .git is a file that names its directory in the main repository, and that has a file which
/// names the repository's. A submodule has the first but not the second: it is a project of its own.
fs::path main_checkout(const fs::path& checkout) {
  const std::string named = git_line(checkout / ".git", "gitdir: ");
  if (named.empty()) return checkout;
  const fs::path git_dir = checkout / named;
  const std::string common = git_line(git_dir / "commondir", "");
  if (common.empty()) return checkout;
  std::error_code error;
  const fs::path repository = fs::canonical(git_dir / common, error);
  return error || repository.filename() != ".git" ? checkout : repository.parent_path();
}

std::string text_of(const std::function<const char*(const char*)>& variable, const char* name) {
  const char* const found = variable(name);
  return found == nullptr ? "" : found;
}

}  // namespace

homes find_homes(const std::function<const char*(const char*)>& variable) {
  homes all;
  all.claude = find_location(variable);
  all.home = text_of(variable, "HOME");
  all.config = text_of(variable, "XDG_CONFIG_HOME");
  if (all.config.empty() && !all.home.empty()) all.config = all.home + "/.config";
  return all;
}

result<std::string> project_root(const std::string& directory) {
  std::error_code error;
  const fs::path real = fs::canonical(directory, error);
  if (error) return failure("find the project " + directory, error.value());
  for (fs::path at = real;; at = at.parent_path()) {
    if (fs::exists(at / ".git", error)) return main_checkout(at).string();
    if (at == at.parent_path()) return real.string();
  }
}

result<place> claude_place(const homes& all, const core::claude_spec& how) {
  const std::string servers(claude_form.servers);
  if (how.scope == core::claude_scope::project) {
    std::error_code error;
    if (!fs::is_directory(how.project, error))
      return failure("find the project " + how.project, "no such directory");
    location where{how.project + "/.mcp.json", ""};
    where.protection = protection::shared_file;
    return place{std::move(where), {servers}, claude_form};
  }
  if (!all.claude)
    return failure("find Claude Code's configuration", "neither HOME nor CLAUDE_CONFIG_DIR is set");
  if (how.scope == core::claude_scope::user) return place{*all.claude, {servers}, claude_form};
  const auto root = project_root(how.project);
  if (!root) return root.error();
  return place{*all.claude, {"projects", *root, servers}, claude_form};
}

result<place> client_place(const homes& all, core::mcp_client which) {
  const client& row = row_of(which);
  const std::string& base = all.*row.base;
  if (base.empty()) return failure("find the configuration of " + std::string(row.name), "HOME is not set");
  location where{base + std::string(row.file), ""};
  where.protection = protection::private_file;
  return place{std::move(where), {std::string(row.form.servers)}, row.form};
}

std::string_view name_of(core::mcp_client which) { return row_of(which).name; }

}  // namespace workspaced::claude
