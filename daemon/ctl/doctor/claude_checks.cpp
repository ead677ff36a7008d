// Claude Code: is it there, is it told of the servers, and do its doors lead somewhere.
#include "ctl/doctor/checks.hpp"

#include <algorithm>

namespace workspaced::ctl::doctor {
namespace {

bool has_blank(const std::string& text) { return text.find_first_of(" \t\r\n") != std::string::npos; }

bool is_for_claude(const registration& entry) {
  return entry.program == "claude" && entry.state != "not wanted";
}

std::string entry_text(const registration& entry) {
  return entry.server + " (" + entry.program + (entry.scope.empty() ? "" : " " + entry.scope) + ") is " +
         entry.state + (entry.detail.empty() ? "" : ": " + entry.detail);
}

}  // namespace

finding check_claude_code(const facts& seen) {
  if (!seen.claude_program.empty()) {
    const auto what = seen.claude_program + (seen.claude_version.empty() ? "" : ", " + seen.claude_version);
    if (seen.claude_version.empty() || seen.claude_has_helper) return ok(what);
    return warning(what + ": too old to call a helper, so our token stands in its file", "claude update");
  }
  const auto& all = seen.registrations;
  if (!all || std::none_of(all->begin(), all->end(), is_for_claude))
    return skipped("there is none, and no server is to be registered in it");
  const std::string missing = "servers are registered for Claude Code, and there is no claude in PATH";
  const std::string fix =
      "install it (in a Coder workspace its module does, see the agent's log), or set claude = "
      "false in [mcp.NAME]";
  return seen.in_coder() ? failed(missing, fix) : warning(missing, fix);
}

finding check_registrations(const facts& seen) {
  if (!seen.fleet) return no_daemon();
  if (!seen.registrations)
    return failed("the daemon does not tell of its entries", "workspacectl mcp status");
  if (seen.registrations->empty()) return skipped("the configuration has no [mcp.NAME]");
  for (const auto& each : *seen.registrations) {
    if (each.fine) continue;
    const bool by_hand = each.state == "changed by hand";
    return failed(entry_text(each), by_hand
                                        ? "workspacectl mcp shows the difference; ours again: workspacectl "
                                          "mcp sync --force " +
                                              each.server
                                        : "workspacectl mcp sync " + each.server);
  }
  const auto count = seen.registrations->size();
  return ok(count == 1 ? "the entry is as it should be"
                       : std::to_string(count) + " entries are as they should be");
}

finding check_doors(const facts& seen) {
  if (!seen.fleet) return no_daemon();
  if (seen.fleet->doors.empty()) return skipped("the configuration has no [mcp.NAME]");
  std::vector<std::string> all;
  for (const auto& door : seen.fleet->doors) {
    if (!door.problem.empty())
      return failed("/mcp/" + door.name + ": " + door.problem, "workspacectl why " + door.service);
    if (!door.open) {
      return warning("/mcp/" + door.name + " holds calls: " + door.service + " is not ready",
                     "workspacectl why " + door.service);
    }
    all.push_back(door.name + ": " + std::to_string(door.tools) + " tools" +
                  (door.server.empty() ? "" : " of " + door.server));
  }
  return ok(listed(all));
}

finding check_claude_token(const facts& seen) {
  const std::string name = "CLAUDE_CODE_OAUTH_TOKEN";
  const auto token = seen.variable(name);
  if (has_blank(token)) {
    return failed(name + " has blanks or line breaks in it",
                  "store the token alone, without a line break: claude setup-token makes a new one");
  }
  if (!token.empty()) return ok(name + " is set");
  if (!seen.variable("ANTHROPIC_API_KEY").empty()) return ok("ANTHROPIC_API_KEY is set");
  if (seen.claude_login.there) return ok("logged in: " + seen.claude_login.path);
  if (!seen.in_coder()) return outside_of_coder();
  return warning(
      name + " is not set, and nobody has logged in",
      "fill in the secret of that name in the template, then restart the workspace; or: claude, /login");
}

finding check_claude_home(const facts& seen) {
  if (!seen.in_coder()) return outside_of_coder();
  const auto& home = seen.claude_home;
  if (home.path.empty()) return skipped("HOME is not set");
  if (home.real.empty() && home.link)
    return failed(home.path + " is a link that leads nowhere",
                  "restart the workspace: its build log says why");
  if (!home.there)
    return warning(home.path + " is not there", "restart the workspace: its build log says why");
  if (home.mount_point == "/") {
    return warning(
        home.path + " is not on a volume: what Claude Code remembers is lost when the workspace stops",
        "link it to the volume; lines with prepare: in the build log say why it is not");
  }
  return ok(home.path + " is on " + home.mount_point);
}

}  // namespace workspaced::ctl::doctor
