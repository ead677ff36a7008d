#include "claude/wish.hpp"

#include <algorithm>
#include <utility>

namespace workspaced::claude {
namespace {

using core::claude_auth;
using core::claude_scope;

/// A word of a shell's command line.
std::string shell_word(const std::string& text) {
  const auto plain = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+:,@%").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string(R"('\'')") : std::string(1, c);
  return quoted + "'";
}

/// In the local scope a helper runs only once the user trusts the project, and a session before that would be
/// without the server. A .mcp.json is shared, so there is nothing but the helper.
bool by_helper(const core::claude_spec& how, const std::optional<version>& installed) {
  if (how.scope == claude_scope::project) return true;
  if (how.auth != claude_auth::automatic) return how.auth == claude_auth::helper;
  return how.scope == claude_scope::user && installed && *installed >= first_with_helper;
}

result<credentials> credentials_for(const core::claude_spec& how, const std::string& server, const door& ours,
                                    const std::optional<version>& installed) {
  if (!by_helper(how, installed)) return credentials(bearer{ours.token});
  if (!ours.workspacectl.empty()) return credentials(helper{helper_command(ours, server)});
  if (how.scope == claude_scope::project || how.auth == claude_auth::helper)
    return failure("register " + server, "its helper workspacectl is neither beside workspaced nor in PATH");
  return credentials(bearer{ours.token});
}

destination at_place(place where, const std::string& server, std::string text) {
  json::path at = std::move(where.servers);
  at.push_back(server);
  return {std::move(where.where), std::move(at), std::move(text)};
}

result<destination> resolve_for(const wish& what, const core::claude_spec& how, const door& ours,
                                const homes& all, const std::optional<version>& installed) {
  auto where = claude_place(all, how);
  if (!where) return where.error();
  const auto who = credentials_for(how, what.server, ours, installed);
  if (!who) return who.error();
  std::string text = make_entry(where->form, ours.address + what.path, *who, how.always_load);
  return at_place(std::move(*where), what.server, std::move(text));
}

result<destination> resolve_for(const wish& what, core::mcp_client which, const door& ours, const homes& all,
                                const std::optional<version>&) {
  auto where = client_place(all, which);
  if (!where) return where.error();
  std::string text = make_entry(where->form, ours.address + what.path, bearer{ours.token}, false);
  return at_place(std::move(*where), what.server, std::move(text));
}

}  // namespace

std::vector<wish> wishes_of(const core::configuration& config) {
  std::vector<wish> all;
  all.push_back({"workspaced", "/mcp", config.mcp_server.claude});
  for (const auto& [name, server] : config.mcp) {
    all.push_back({name, "/mcp/" + name, server.claude});
    for (const core::mcp_client client : server.clients) all.push_back({name, "/mcp/" + name, client});
  }
  return all;
}

result<destination> resolve(const wish& what, const door& ours, const homes& all,
                            const std::optional<version>& installed) {
  return std::visit([&](const auto& which) { return resolve_for(what, which, ours, all, installed); },
                    what.program);
}

std::string helper_command(const door& ours, const std::string& server) {
  return shell_word(ours.workspacectl) + " --socket " + shell_word(ours.socket) + " mcp headers " +
         shell_word(server);
}

std::string_view name_of(const program& which) {
  const auto* const client = std::get_if<core::mcp_client>(&which);
  return client == nullptr ? "claude" : name_of(*client);
}

std::string_view scope_of(const program& which) {
  const auto* const claude = std::get_if<core::claude_spec>(&which);
  if (claude == nullptr) return {};
  switch (claude->scope) {
    case claude_scope::none: return {};
    case claude_scope::user: return "user";
    case claude_scope::project: return "project";
    case claude_scope::local: return "local";
  }
  return {};
}

}  // namespace workspaced::claude
