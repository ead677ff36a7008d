// What doctor sees in a Coder workspace in which all is well.
#pragma once

#include "ctl/doctor/facts.hpp"
#include "unit/ctl/fleets.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace workspaced::test {

inline constexpr double gib = 1024.0 * 1024 * 1024;

inline ctl::doctor::path_facts directory(std::string path) {
  ctl::doctor::path_facts out;
  out.path = out.real = std::move(path);
  out.there = out.directory = out.writable = true;
  out.owner = 1000;
  out.mode = 0755;
  out.mount_point = "/workspaces";
  out.space = ctl::doctor::room{10 * gib, 6 * gib, 1000, 900};
  return out;
}

inline ctl::doctor::path_facts private_file(std::string path) {
  auto out = directory(std::move(path));
  out.directory = false;
  out.mode = 0600;
  return out;
}

inline ctl::doctor::program_end said(std::string out) {
  return {ctl::doctor::program_end::how::ended, 0, std::move(out), {}};
}

inline ctl::doctor::program_end complained(int code, std::string err) {
  return {ctl::doctor::program_end::how::ended, code, {}, std::move(err)};
}

inline ctl::registration entry(std::string server, std::string state, bool fine) {
  return {std::move(server),
          "claude",
          "user",
          "/home/coder/.claude.json",
          "mcpServers.fleet",
          std::move(state),
          fine,
          {},
          {}};
}

inline core::configuration probed(std::uint16_t port) {
  core::configuration out;
  out.services["web"].ready = core::ready_spec{core::tcp_target{"127.0.0.1", port}};
  return out;
}

inline ctl::doctor::facts healthy_workspace() {
  ctl::doctor::facts seen;
  seen.version = "0.1.0";
  seen.uid = 1000;
  seen.user = "coder";
  seen.environment = {{"CODER", "true"},
                      {"CODER_WORKSPACE_NAME", "dev"},
                      {"CODER_WORKSPACE_AGENT_NAME", "main"},
                      {"CODER_AGENT_URL", "http://coder.coder/"},
                      {"CLAUDE_CODE_OAUTH_TOKEN", "sentinel-claude"},
                      {"FLEET_MCP_AUTH_TOKEN", "sentinel-fleet-0123456789-0123456789-abcdef"},
                      {"GH_TOKEN", "sentinel-github"},
                      {"GIT_AUTHOR_EMAIL", "a@example.com"},
                      {"VSCODE_PROXY_URI", "https://{{port}}--main--dev--alice.apps.example.com/x"},
                      {"WORKSPACE_DIR", "/workspaces/setup"}};
  seen.fleet = fleet({service("web", core::status::ready)});
  seen.fleet->doors = {{"web", "web", "http://127.0.0.1:8000/mcp", true, "Web 2", 11, 1, {}, {}}};
  seen.registrations = {entry("web", "in place", true)};
  seen.configuration = {"/workspaces/setup/workspaced.toml", {}, {}, probed(8000)};
  seen.configuration.config->http.allowed_hosts = {"workspaced--main--dev--alice.apps.example.com"};
  seen.address = "127.0.0.1:9001";
  seen.health = {200, R"({"status":"ok","services":{}})", {}};
  seen.metrics = {200, "workspaced_build_info{version=\"0.1.0\"} 1\n", {}};
  seen.answering_ports = {8000};
  seen.socket = private_file("/run/workspaced.sock");
  seen.tokens = {private_file("/state/tokens/read"), private_file("/state/tokens/admin")};
  seen.state_dir = directory("/state");
  seen.log_dir = directory("/logs");
  seen.home = directory("/home/coder");
  seen.claude_home = directory("/home/coder/.claude");
  seen.claude_login.path = "/home/coder/.claude/.credentials.json";
  seen.checkout = directory("/workspaces/setup");
  seen.sudo_is_setuid = true;
  for (const auto* name : {"bash", "curl", "git", "jq", "gh", "sudo"})
    seen.programs[name] = std::string("/usr/bin/") + name;
  seen.claude_program = "/home/coder/.local/bin/claude";
  seen.claude_version = "2.1.330";
  seen.claude_has_helper = true;
  seen.coder_answer =
      said("HTTP/1.1 200 OK\r\nDate: Sat, 28 Nov 2026 03:28:02 GMT\r\n\r\n{\"version\":\"v2.34.1\"}");
  seen.git_branch = said("main\n");
  seen.git_remote = said("0123\tHEAD\n");
  seen.git_email = said("b@example.com\n");
  seen.memory = ctl::share{1 * gib, 4 * gib};
  seen.cpu = ctl::share{100, 2};
  seen.throttled = 0.01;
  seen.oom_kills = 0;
  seen.cgroup = "/sys/fs/cgroup";
  seen.now = 1795836490;  // eight seconds after the Coder server's Date
  return seen;
}

}  // namespace workspaced::test
