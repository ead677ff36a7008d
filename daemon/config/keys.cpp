#include "config/keys.hpp"

#include "config/lifecycle_keys.hpp"
#include "config/mcp_keys.hpp"
#include "config/probe_keys.hpp"
#include "config/process_keys.hpp"
#include "config/service_keys.hpp"

#include <array>

namespace workspaced::config {
namespace {

using core::daemon_spec;
using core::http_spec;

constexpr std::array daemon_table = {
    key<daemon_spec>{"log_dir", "path", "logs: <log_dir>/NAME/NAME.log",
                     [](daemon_spec& into, const field& from) { put(into.log_dir, from.path_text()); }},
    key<daemon_spec>{"state_dir", "path", "state of the run, tokens, FIFOs",
                     [](daemon_spec& into, const field& from) { put(into.state_dir, from.path_text()); }},
    key<daemon_spec>{"log_level", "trace | debug | info | warning | error", "of the daemon's own log",
                     [](daemon_spec& into, const field& from) {
                       const auto chosen = from.one_of({"trace", "debug", "info", "warning", "error"});
                       if (chosen) into.level = static_cast<core::log_level>(*chosen);
                     }},
    key<daemon_spec>{"log_format", "text | json", "of the daemon's own log",
                     [](daemon_spec& into, const field& from) {
                       const auto chosen = from.one_of({"text", "json"});
                       if (chosen) into.format = static_cast<core::log_format>(*chosen);
                     }},
    key<daemon_spec>{
        "redact", "array of strings",
        "names of secrets that are not shown, with *, besides *TOKEN*, *SECRET*, *PASSWORD*, *_KEY",
        [](daemon_spec& into, const field& from) { put(into.redact, from.texts()); }},
};

bool is_loopback(const std::string& host) { return host == "::1" || host.starts_with("127."); }

void read_listen(http_spec& into, const field& from) {
  const auto text = from.text();
  const auto address = text ? read_address(from, *text, true) : std::nullopt;
  if (!address) return;
  if (!is_loopback(address->host)) {
    return from.complain(
        "must be a loopback address: anybody who reaches the port could read the state of your services",
        "listen on 127.0.0.1 and forward the port");
  }
  into.listen = *address;
}

constexpr std::array http_table = {
    key<http_spec>{"listen", "address:port", "loopback only; port 0 lets the kernel choose", read_listen},
    key<http_spec>{"allowed_hosts", "array of strings",
                   "names in Host and Origin besides localhost, 127.0.0.1 and [::1]",
                   [](http_spec& into, const field& from) { put(into.allowed_hosts, from.texts()); }},
};

bool is_name(const std::string& name) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const std::string all = std::string(letters) + "_.-";
  return !name.empty() && name.size() <= 64 && letters.find(name[0]) != std::string_view::npos &&
         name.find_first_not_of(all) == std::string::npos;
}

void read_services(core::configuration& into, const field& from) {
  for (const auto& [name, value] : from.entries()) {
    if (!is_name(name))
      value.complain(
          "a name has 1 to 64 letters, digits, '_', '.' and '-', and starts with a letter or digit");
    into.services.emplace(name, read_service(name, value));
  }
}

void read_servers(core::configuration& into, const field& from) {
  for (const auto& [name, value] : from.entries()) {
    // Claude Code takes [A-Za-z0-9_-] and keeps two names for itself.
    if (!is_name(name) || name.find('.') != std::string::npos)
      value.complain("a name has letters, digits, '_' and '-'");
    if (name == "workspace" || name == "computer-use")
      value.complain("Claude Code reserves this name", "choose another");
    if (name == "workspaced")
      value.complain("our own MCP server is called so", "choose another name, see [mcp_server]");
    mcp_entry entry = read_mcp(name, value);
    if (entry.own_service) into.services.try_emplace(name, std::move(*entry.own_service));
    into.mcp.emplace(name, std::move(entry.server));
  }
}

constexpr std::array root_table = {
    key<core::configuration>{"daemon", "table", "the daemon itself",
                             [](core::configuration& into, const field& from) {
                               read_table<daemon_spec>(into.daemon, from, daemon_table);
                             }},
    key<core::configuration>{"http", "table", "the HTTP listener",
                             [](core::configuration& into, const field& from) {
                               read_table<http_spec>(into.http, from, http_table);
                             }},
    key<core::configuration>{"services", "tables by name", "what is to run", read_services},
    key<core::configuration>{"mcp", "tables by name", "MCP servers behind a front door", read_servers},
    key<core::configuration>{"mcp_server", "table", "our own MCP server, for agents",
                             [](core::configuration& into, const field& from) {
                               into.mcp_server.claude.scope =
                                   core::claude_scope::user;  // whoever writes the table wants it
                               read_table(into.mcp_server, from, mcp_server_keys());
                             }},
};

template <class Keys>
void describe(std::vector<key_description>& all, const char* section, const Keys& keys) {
  for (const auto& each : keys) {
    all.push_back({section, std::string(each.name), std::string(each.type), std::string(each.purpose)});
  }
}

std::vector<key_description> describe_all() {
  std::vector<key_description> all;
  describe(all, "daemon", daemon_table);
  describe(all, "http", http_table);
  describe(all, "services.NAME", service_keys());
  describe(all, "services.NAME.backoff", backoff_keys());
  describe(all, "services.NAME.stop", stop_keys());
  describe(all, "services.NAME.depends_on.OTHER", dependency_keys());
  describe(all, "services.NAME.hooks", hooks_keys());
  describe(all, "services.NAME.schedule", schedule_keys());
  for (const std::string& name : limit_names())
    all.push_back({"services.NAME.limits", name, "limit", "of its processes"});
  describe(all, "services.NAME.log", log_keys());
  describe(all, "services.NAME.ready", ready_keys());
  describe(all, "services.NAME.live", live_keys());
  describe(all, "mcp.NAME", mcp_keys());
  describe(all, "mcp_server", mcp_server_keys());
  return all;
}

}  // namespace

const std::vector<key_description>& key_table() {
  static const std::vector<key_description> all = describe_all();
  return all;
}

core::configuration read_configuration(reading& all, const node& root) {
  core::configuration config;
  read_table<core::configuration>(config, field(all, root, {}), root_table);
  return config;
}

}  // namespace workspaced::config
