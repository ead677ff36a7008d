#include "unit/ctl/doctor_ailments.hpp"

#include "unit/ctl/doctor_facts.hpp"

namespace workspaced::test {
namespace {

using namespace ctl::doctor;
using ctl::exit_code;
using ctl::share;

change without(const std::string& variable) {
  return [variable](facts& f) { f.environment.erase(variable); };
}
change with(const std::string& variable, const std::string& value) {
  return [=](facts& f) { f.environment[variable] = value; };
}
change elsewhere() {
  return [](facts& f) { f.environment.clear(); };
}
change both(const change& one, const change& other) {
  return [=](facts& f) {
    one(f);
    other(f);
  };
}
change service_is(core::status state, const std::string& reason) {
  return [=](facts& f) { f.fleet->services = {service("web", state, reason)}; };
}

const std::vector<ailment>& daemon_ailments() {
  static const std::vector<ailment> all = {
      {"errors", "configuration",
       [](facts& f) { f.configuration.errors = "w.toml:3:1: unknown key comand\nw.toml:4:1: x"; },
       level::failed, "w.toml:3:1: unknown key comand; w.toml:4:1: x",
       "workspacectl check /workspaces/setup/workspaced.toml"},
      {"not_reloaded", "configuration",
       [](facts& f) { f.configuration.changes = "added: api\nremoved: db\n"; }, level::warning,
       "a reload would bring: added: api; removed: db", "workspacectl reload"},
      {"none", "daemon", no_daemon_runs, level::failed, "no daemon answers on /run/workspaced.sock",
       "workspacectl up --wait; why the last one ended: /state/startup.log"},
      {"hangs", "daemon", both(no_daemon_runs, [](facts& f) { f.silence.code = exit_code::timed_out; }),
       level::failed, "does not answer", "KILL"},
      {"forbidden", "daemon",
       both(no_daemon_runs,
            [](facts& f) {
              f.silence = {exit_code::not_permitted, "permission denied"};
            }),
       level::failed, "permission denied", "--socket"},
      {"stopping", "daemon", [](facts& f) { f.fleet->daemon.stopping = true; }, level::failed, "is stopping",
       "workspacectl up --wait"},
      {"differs", "version", [](facts& f) { f.version = "0.2.0"; }, level::warning,
       "0.1.0, workspacectl is 0.2.0", "workspacectl upgrade"},
      {"failed", "services", service_is(core::status::failed, "exit code 3"), level::failed,
       "web is failed: exit code 3", "workspacectl why web"},
      {"starting", "services", service_is(core::status::starting, "not ready yet"), level::failed,
       "web is starting: not ready yet", "workspacectl why web"},
      {"two_failed", "services",
       [](facts& f) {
         f.fleet->services = {service("db", core::status::failed), service("web", core::status::waiting)};
       },
       level::failed, "db is failed: because; and 1 more", "workspacectl why db"},
      {"one_more_failed", "services",
       [](facts& f) {
         f.fleet->services = {service("extra", core::status::failed), service("web", core::status::ready)};
         f.fleet->services[0].required = false;
       },
       level::warning, "extra is failed: because (not required)", "workspacectl why extra"},
      {"without_limits", "service-warnings",
       [](facts& f) { f.fleet->services[0].warnings = {"limits.memory is not applied: no cgroup"}; },
       level::warning, "web: limits.memory is not applied", "[services.web]"},
      {"silent", "health",
       [](facts& f) {
         f.health = {0, {}, "connection refused"};
       },
       level::failed, "connection refused", "workspacectl down"},
      {"redirects", "health",
       [](facts& f) {
         f.health = {302, "", {}};
       },
       level::failed, "answers 302", "ss -ltnp"},
      {"somebody_elses", "health",
       [](facts& f) {
         f.health = {200, "<html>", {}};
       },
       level::failed, "answers 200, and that is not workspaced", "sport = :9001"},
      {"disagrees", "health",
       [](facts& f) {
         f.health = {503, R"({"status":"starting"})", {}};
       },
       level::warning, "answers 503, starting", "ask again"},
      {"port_taken", "health",
       both(no_daemon_runs,
            [](facts& f) {
              f.health = {404, "", {}};
            }),
       level::failed, "another program answers on 127.0.0.1:9001", "http.listen"},
      {"silent", "metrics",
       [](facts& f) {
         f.metrics = {0, {}, "timed out after 1 s"};
       },
       level::failed, "timed out after 1 s", "workspacectl down"},
      {"not_found", "metrics",
       [](facts& f) {
         f.metrics = {404, "", {}};
       },
       level::failed, "answers 404", "workspacectl down"},
      {"shared", "probe-ports",
       [](facts& f) { f.configuration.config->services["api"] = f.configuration.config->services["web"]; },
       level::warning, "port 8000 is asked for api and web", "port of its own"},
      {"somebody_elses", "probe-ports", service_is(core::status::backoff, "exit code 1"), level::warning,
       "somebody answers on port 8000, but web does not run", "sport = :8000"},
      {"open_to_others", "socket", [](facts& f) { f.socket.mode = 0666; }, level::failed,
       "open to others (0666)", "chmod 600 /run/workspaced.sock"},
      {"of_another", "socket", [](facts& f) { f.socket.owner = 7; }, level::failed, "belongs to user 7",
       "work as that user"},
      {"open_to_others", "tokens", [](facts& f) { f.tokens[1].mode = 0644; }, level::failed,
       "/state/tokens/admin can be read by others (0644)", "chmod 600 /state/tokens/admin"},
      {"gone", "tokens", [](facts& f) { f.tokens[0].there = false; }, level::failed,
       "/state/tokens/read is not there", "workspacectl upgrade"},
      {"of_another", "tokens", [](facts& f) { f.tokens[0].owner = 7; }, level::failed, "belongs to user 7",
       "work as that user"},
      {"unwritable", "state-dir", [](facts& f) { f.state_dir.writable = false; }, level::failed,
       "/state cannot be written by coder", "sudo chown coder /state"},
      {"gone", "log-dir", [](facts& f) { f.log_dir.there = false; }, level::failed, "/logs is gone",
       "workspacectl upgrade"},
      {"a_file", "log-dir", [](facts& f) { f.log_dir.directory = false; }, level::failed, "is no directory",
       "daemon.log_dir"},
      {"full", "log-dir", [](facts& f) { f.log_dir.space->free = 1000; }, level::failed, "/logs is full",
       "du -xh"},
      {"nearly_full", "log-dir", [](facts& f) { f.log_dir.space->free = gib / 2; }, level::warning,
       "nearly full: 512.0 MiB of 10.0 GiB", "du -xh"},
      {"out_of_inodes", "log-dir", [](facts& f) { f.log_dir.space->files_free = 0; }, level::failed,
       "no inodes left", "small files"},
  };
  return all;
}

const std::vector<ailment>& claude_ailments() {
  static const std::vector<ailment> all = {
      {"missing", "claude-code", [](facts& f) { f.claude_program.clear(); }, level::failed,
       "there is no claude in PATH", "claude = false"},
      {"missing_at_home", "claude-code", both(elsewhere(), [](facts& f) { f.claude_program.clear(); }),
       level::warning, "there is no claude in PATH", "install it"},
      {"old", "claude-code", [](facts& f) { f.claude_has_helper = false; }, level::warning, "too old",
       "claude update"},
      {"missing_entry", "registrations", [](facts& f) { f.registrations = {entry("web", "missing", false)}; },
       level::failed, "web (claude user) is missing", "workspacectl mcp sync web"},
      {"by_hand", "registrations",
       [](facts& f) { f.registrations = {entry("web", "changed by hand", false)}; }, level::failed,
       "is changed by hand", "workspacectl mcp sync --force web"},
      {"unreadable", "registrations", [](facts& f) { f.registrations.reset(); }, level::failed,
       "does not tell", "workspacectl mcp"},
      {"closed", "doors", [](facts& f) { f.fleet->doors[0].open = false; }, level::warning,
       "/mcp/web holds calls", "workspacectl why web"},
      {"refused", "doors", [](facts& f) { f.fleet->doors[0].problem = "401 Unauthorized"; }, level::failed,
       "/mcp/web: 401 Unauthorized", "workspacectl why web"},
      {"not_set", "claude-token", without("CLAUDE_CODE_OAUTH_TOKEN"), level::warning, "is not set",
       "the secret"},
      {"line_break", "claude-token", with("CLAUDE_CODE_OAUTH_TOKEN", "sentinel\n"), level::failed,
       "line breaks", "claude setup-token"},
      {"lost_at_stop", "claude-home", [](facts& f) { f.claude_home.mount_point = "/"; }, level::warning,
       "not on a volume", "prepare:"},
      {"dangling", "claude-home",
       [](facts& f) {
         f.claude_home.link = true;
         f.claude_home.there = false;
         f.claude_home.real.clear();
       },
       level::failed, "leads nowhere", "build log"},
      {"missing", "claude-home", [](facts& f) { f.claude_home.there = false; }, level::warning,
       "is not there", "build log"},
  };
  return all;
}

const std::vector<ailment>& coder_ailments() {
  static const std::vector<ailment> all = {
      {"no_agent", "coder-agent", without("CODER_WORKSPACE_AGENT_NAME"), level::warning,
       "not set: CODER_WORKSPACE_AGENT_NAME", "coder ssh"},
      {"unreachable", "coder-server",
       [](facts& f) { f.coder_answer = complained(6, "curl: (6) Could not resolve host: coder.coder"); },
       level::failed, "Could not resolve host", "coder_url"},
      {"slow", "coder-server",
       [](facts& f) {
         f.coder_answer = {program_end::how::ran_out_of_time, -1, {}, {}};
       },
       level::failed, "does not answer in time", "network policies"},
      {"not_coder", "coder-server",
       [](facts& f) { f.coder_answer = said("HTTP/2 302 \r\nlocation: /login\r\n\r\n<html>"); },
       level::failed, "answers 302, and not as a Coder server does", "curl -v"},
      {"apart", "clock", [](facts& f) { f.now += 300; }, level::warning, "308 s apart", "synchronise"},
      {"unset", "clock", [](facts& f) { f.now = 5; }, level::failed, "1970-01-01 00:00:05 UTC",
       "clock of the node"},
      {"not_set", "fleet-token", without("FLEET_MCP_AUTH_TOKEN"), level::warning, "is not set", "coder_env"},
      {"empty", "fleet-token", with("FLEET_MCP_AUTH_TOKEN", ""), level::failed, "is empty", "expands $"},
      {"quoted", "fleet-token", with("FLEET_MCP_AUTH_TOKEN", "\"sentinel-fleet-0123456789-0123456789-abc\""),
       level::failed, "do not survive", "expands $"},
      {"expanded", "fleet-token", with("FLEET_MCP_AUTH_TOKEN", "sentinel"), level::failed,
       "has 8 characters, not 43", "expands $"},
      {"refused", "page", [](facts& f) { f.configuration.config->http.allowed_hosts = {"dev.example.com"}; },
       level::warning, "refused behind Coder's proxy",
       "allowed_hosts = [\"workspaced--main--dev--alice.apps.example.com\"]"},
      {"git_only", "github-login", both(without("GH_TOKEN"), with("GIT_ASKPASS", "/coder")), level::warning,
       "gh has none", "External authentication"},
      {"none", "github-login", without("GH_TOKEN"), level::warning, "neither GH_TOKEN nor GIT_ASKPASS",
       "log in"},
      {"empty", "secrets", with("HA_TOKEN", ""), level::warning, "HA_TOKEN is empty", "template's secrets"},
      {"reference", "secrets", with("HA_TOKEN", "op://vault/sentinel"), level::warning,
       "HA_TOKEN is a reference", "template's secrets"},
      {"placeholder", "secrets", with("HA_TOKEN", "${sentinel}"), level::warning, "placeholder",
       "template's secrets"},
      {"line_break", "secrets", with("HA_TOKEN", "sentinel\n"), level::warning, "line breaks",
       "template's secrets"},
      {"quoted", "secrets", with("HA_TOKEN", "\"sentinel\""), level::warning, "a quote",
       "template's secrets"},
  };
  return all;
}

const std::vector<ailment>& workspace_ailments() {
  static const std::vector<ailment> all = {
      {"missing", "checkout",
       [](facts& f) {
         f.checkout.there = f.checkout.directory = false;
         f.git_branch = complained(128, "fatal: cannot change to '/workspaces/setup'");
       },
       level::failed, "there is no such directory", "build log"},
      {"detached", "checkout", [](facts& f) { f.git_branch = said("HEAD\n"); }, level::warning,
       "on no branch", "switch"},
      {"not_ours", "checkout",
       [](facts& f) { f.git_branch = complained(128, "fatal: detected dubious ownership in repository"); },
       level::failed, "does not trust", "safe.directory /workspaces/setup"},
      {"no_checkout", "checkout",
       [](facts& f) { f.git_branch = complained(128, "fatal: not a git repository (or any parent)"); },
       level::failed, "not a git repository", "git -C /workspaces/setup status"},
      {"hangs", "checkout",
       [](facts& f) {
         f.git_branch = {program_end::how::ran_out_of_time, -1, {}, {}};
       },
       level::failed, "does not answer", "disk"},
      {"refused", "git-remote",
       [](facts& f) { f.git_remote = complained(128, "fatal: Authentication failed for 'https://git/x'\n"); },
       level::failed, "Authentication failed", "ls-remote origin"},
      {"slow", "git-remote",
       [](facts& f) {
         f.git_remote = {program_end::how::ran_out_of_time, -1, {}, {}};
       },
       level::warning, "does not answer in time", "ls-remote origin"},
      {"nobody", "git-identity",
       both(without("GIT_AUTHOR_EMAIL"), [](facts& f) { f.git_email = complained(1, ""); }), level::warning,
       "no e-mail address", "git config --global user.email"},
      {"container_disk", "volume", [](facts& f) { f.checkout.mount_point = "/"; }, level::failed,
       "container's own disk", "mount the volume"},
      {"full", "space", [](facts& f) { f.checkout.space->free = 0; }, level::failed, "/workspaces is full",
       "du -xh"},
      {"no_home", "home", [](facts& f) { f.home = {}; }, level::failed, "HOME is not set", "set it"},
      {"missing", "home", [](facts& f) { f.home.directory = false; }, level::failed, "is no directory",
       "sudo install -d"},
      {"unwritable", "home", [](facts& f) { f.home.writable = false; }, level::failed,
       "cannot be written by coder", "sudo chown coder /home/coder"},
  };
  return all;
}

const std::vector<ailment>& machine_ailments() {
  static const std::vector<ailment> all = {
      {"root", "user", [](facts& f) { f.uid = 0; }, level::warning, "this is root", "remoteUser"},
      {"no_sudo", "sudo", [](facts& f) { f.programs.erase("sudo"); }, level::warning, "there is no sudo",
       "install"},
      {"no_new_privileges", "sudo", [](facts& f) { f.no_new_privileges = true; }, level::warning,
       "no_new_privs", "allowPrivilegeEscalation"},
      {"not_setuid", "sudo", [](facts& f) { f.sudo_is_setuid = false; }, level::warning, "not setuid",
       "anew"},
      {"missing", "tools",
       [](facts& f) {
         f.programs.erase("jq");
         f.programs.erase("curl");
       },
       level::failed, "not in PATH: curl, jq", "devcontainer"},
      {"no_gh", "tools", [](facts& f) { f.programs.erase("gh"); }, level::warning, "not in PATH: gh",
       "devcontainer"},
      {"no_zones", "time-zones",
       [](facts& f) {
         f.zones = {{"Europe/Berlin", false}};
       },
       level::failed, "Europe/Berlin is not known", "tzdata"},
      {"nearly_all", "memory",
       [](facts& f) {
         f.memory = share{3.9 * gib, 4 * gib};
       },
       level::warning, "3.9 GiB of 4.0 GiB in use (98%)", "coder restart dev --parameter memory=MORE"},
      {"held_back", "cpu", [](facts& f) { f.throttled = 0.5; }, level::warning, "held back in 50%",
       "cpu=MORE"},
      {"killed", "oom-kills", [](facts& f) { f.oom_kills = 3; }, level::warning, "3 processes were killed",
       "memory=MORE"},
  };
  return all;
}

}  // namespace

void no_daemon_runs(facts& seen) {
  seen.fleet.reset();
  seen.registrations.reset();
  seen.silence = {exit_code::no_daemon, "no daemon answers"};
  seen.health = {};
  seen.metrics = {};
  seen.socket.there = false;
}

std::vector<ailment> all_ailments() {
  std::vector<ailment> all;
  for (const auto& each :
       {daemon_ailments(), claude_ailments(), coder_ailments(), workspace_ailments(), machine_ailments()})
    all.insert(all.end(), each.begin(), each.end());
  return all;
}

}  // namespace workspaced::test
