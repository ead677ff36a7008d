#include "config/mcp_keys.hpp"

#include "config/probe_keys.hpp"
#include "config/service_keys.hpp"

#include <algorithm>
#include <array>

namespace workspaced::config {
namespace {

using core::claude_spec;
using core::mcp_server_spec;
using core::service_spec;

constexpr std::array claude_table = {
    key<claude_spec>{"scope", "user | project | local", "the scope of Claude Code's configuration",
                     [](claude_spec& into, const field& from) {
                       const auto chosen = from.one_of({"user", "project", "local"});
                       constexpr std::array scopes = {core::claude_scope::user, core::claude_scope::project,
                                                      core::claude_scope::local};
                       if (chosen) into.scope = scopes[*chosen];
                     }},
    key<claude_spec>{"project", "path", "the project of the scopes project and local",
                     [](claude_spec& into, const field& from) { put(into.project, from.path_text()); }},
    key<claude_spec>{"always_load", "boolean", "its tools are there without a search for them",
                     [](claude_spec& into, const field& from) { put(into.always_load, from.flag()); }},
    key<claude_spec>{"auth", "auto | helper | header",
                     "our token: asked of a helper, or as a header in a file of mode 0600",
                     [](claude_spec& into, const field& from) {
                       if (const auto chosen = from.one_of({"auto", "helper", "header"}))
                         into.auth = static_cast<core::claude_auth>(*chosen);
                     }},
};

void read_claude(claude_spec& into, const field& from) {
  if (const auto* flag = std::get_if<bool>(&from.raw().value)) {
    if (*flag) return from.complain("must be false, or a table like { scope = \"user\" }");
    into.scope = core::claude_scope::none;
    return;
  }
  read_table<claude_spec>(into, from, claude_table);
  const bool of_a_project =
      into.scope == core::claude_scope::project || into.scope == core::claude_scope::local;
  if (of_a_project && into.project.empty())
    from.complain("this scope needs a project", "project = \"/path/of/the/checkout\"");
  if (into.scope == core::claude_scope::project && into.auth == core::claude_auth::header)
    from.complain("a project's .mcp.json is no place for a token", "use auth = \"helper\"");
}

/// A token for an HTTP header.
void read_token(mcp_entry& into, const field& from) {
  const auto text = from.text();
  if (!text) return;
  const bool odd =
      std::any_of(text->begin(), text->end(), [](unsigned char c) { return c <= 0x20 || c >= 0x7f; });
  if (odd) return from.complain("must consist of printable ASCII without blanks");
  if (!text->empty()) into.server.token = core::secret_text{*text};
}

void read_token_file(mcp_entry& into, const field& from) {
  auto path = from.path_text();
  if (!path) return;
  core::secret_file file;
  const auto hash = path->find('#');
  if (hash != std::string::npos) {
    file.pointer = path->substr(hash + 1);
    path->erase(hash);
    if (!file.pointer.starts_with('/'))
      from.complain("what follows # is a JSON Pointer", "like \"~/.fleet-mcp/auth_token#/value\"");
  }
  file.path = std::move(*path);
  into.server.token = std::move(file);
}

void read_clients(mcp_entry& into, const field& from) {
  for (const field& each : from.elements()) {
    if (const auto chosen = each.one_of({"cursor", "vscode", "gemini"}))
      into.server.clients.push_back(static_cast<core::mcp_client>(*chosen));
  }
}

service_spec& own(mcp_entry& into) {
  if (!into.own_service) into.own_service.emplace();
  return *into.own_service;
}

constexpr std::array own_keys = {"working_dir", "env_file", "environment", "required"};

/// Hands a key of a service on to the service that a server with a `command` is.
template <std::size_t Index>
constexpr key<mcp_entry> service_key(std::string_view type, std::string_view purpose) {
  return {own_keys[Index], type, purpose, [](mcp_entry& into, const field& from) {
            for (const key<service_spec>& each : service_keys()) {
              if (each.name == own_keys[Index]) each.apply(own(into), from);
            }
          }};
}

constexpr std::array mcp_table = {
    key<mcp_entry>{"service", "service", "the service that serves it; its readiness is the server's",
                   [](mcp_entry& into, const field& from) { put(into.server.service, from.text()); }},
    key<mcp_entry>{"url", "URL", "where it answers",
                   [](mcp_entry& into, const field& from) { into.server.url = read_url(from); }},
    key<mcp_entry>{"command", "command", "instead of service and url: a server that speaks over stdio",
                   [](mcp_entry& into, const field& from) { put(own(into).command, from.command()); }},
    service_key<0>("path", "of the command"),
    service_key<1>("path or array of paths", "of the command"),
    service_key<2>("table of strings", "of the command"),
    service_key<3>("boolean", "of the command: it counts for /health and for up --wait"),
    key<mcp_entry>{"bearer_token", "string", "sent to the server as Authorization: Bearer; a secret",
                   read_token},
    key<mcp_entry>{"bearer_token_file", "path[#/json/pointer]", "a file that has the token", read_token_file},
    key<mcp_entry>{"bearer_token_command", "command", "prints the token",
                   [](mcp_entry& into, const field& from) {
                     auto words = from.command();
                     if (words) into.server.token = core::secret_command{std::move(*words)};
                   }},
    key<mcp_entry>{
        "hold_timeout", "duration", "a call waits this long for the server to be ready",
        [](mcp_entry& into, const field& from) { put(into.server.hold_timeout, from.duration(true)); }},
    key<mcp_entry>{
        "call_timeout", "duration", "a server may be silent this long in a call",
        [](mcp_entry& into, const field& from) { put(into.server.call_timeout, from.duration()); }},
    key<mcp_entry>{"claude", "table | false", "where Claude Code is told about it; false: nowhere",
                   [](mcp_entry& into, const field& from) { read_claude(into.server.claude, from); }},
    key<mcp_entry>{"clients", "array of cursor | vscode | gemini", "other programs to tell about it",
                   read_clients},
};

constexpr std::array mcp_server_table = {
    key<mcp_server_spec>{"aggregate", "boolean",
                         "offer the tools of all servers behind the doors, as NAME__TOOL",
                         [](mcp_server_spec& into, const field& from) { put(into.aggregate, from.flag()); }},
    key<mcp_server_spec>{"control", "array of services",
                         "services that an agent may start, stop and restart; \"*\": all",
                         [](mcp_server_spec& into, const field& from) { put(into.control, from.texts()); }},
    key<mcp_server_spec>{"claude", "table | false", "where Claude Code is told about it; false: nowhere",
                         [](mcp_server_spec& into, const field& from) { read_claude(into.claude, from); }},
};

bool has(const table& values, const char* name) { return values.contains(name); }

void look_at_token(const table& values, const field& from) {
  const int tokens =
      has(values, "bearer_token") + has(values, "bearer_token_file") + has(values, "bearer_token_command");
  if (tokens > 1) from.complain("takes only one of bearer_token, bearer_token_file and bearer_token_command");
}

/// A server is a command of its own, or stands in a service.
void look_at_place(const table& values, const field& from) {
  if (has(values, "command")) {
    for (const char* other : {"service", "url"}) {
      if (has(values, other))
        from.complain("has a command, so it takes no " + std::string(other),
                      "a server with a command speaks over stdio and is a service itself");
    }
    return;
  }
  for (const char* needed : {"service", "url"}) {
    if (!has(values, needed)) from.complain("has no " + std::string(needed));
  }
  for (const char* other : own_keys) {
    if (has(values, other))
      from.complain(std::string(other) + " is for a server with a command",
                    "set it in the [services] table of the service");
  }
}

}  // namespace

std::span<const key<mcp_entry>> mcp_keys() { return mcp_table; }
std::span<const key<mcp_server_spec>> mcp_server_keys() { return mcp_server_table; }

mcp_entry read_mcp(const std::string& name, const field& from) {
  mcp_entry entry;
  entry.server.name = name;
  read_table(entry, from, mcp_keys());
  if (const auto* values = std::get_if<table>(&from.raw().value)) {
    look_at_token(*values, from);
    look_at_place(*values, from);
    if (!has(*values, "command")) entry.own_service.reset();
  }
  if (entry.own_service) {
    entry.server.service = name;
    entry.own_service->name = name;
    entry.own_service->stdio = true;
    entry.own_service->ready.emplace().target = core::mcp_target{name, std::nullopt, {}};
  }
  return entry;
}

}  // namespace workspaced::config
