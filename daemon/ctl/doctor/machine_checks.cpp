// The container: who we are in it, what it has installed, what it may use.
#include "ctl/doctor/checks.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace workspaced::ctl::doctor {
namespace {

constexpr double nearly_all = 0.9;
constexpr double often = 0.25;

std::string percent(double part) { return std::to_string(std::lround(part * 100)) + "%"; }

std::string decimal(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

/// In a Coder workspace a user makes the container larger himself.
std::string larger(const facts& seen, const std::string& parameter) {
  if (!seen.in_coder()) return "give the container more " + parameter;
  return "coder restart " + seen.variable("CODER_WORKSPACE_NAME") + " --parameter " + parameter + "=MORE";
}

}  // namespace

finding check_user(const facts& seen) {
  const auto who = seen.user + " (" + std::to_string(seen.uid) + ")";
  if (seen.uid == 0 && seen.in_coder()) {
    return warning("this is root: Claude Code refuses some modes, and files on the volume become root's",
                   "set remoteUser in devcontainer.json");
  }
  return ok(who);
}

finding check_sudo(const facts& seen) {
  if (!seen.in_coder()) return outside_of_coder();
  if (seen.uid == 0) return skipped("this is root");
  const auto place = seen.programs.find("sudo");
  if (place == seen.programs.end())
    return warning("there is no sudo", "install it in the devcontainer: the module of Claude Code uses it");
  if (seen.no_new_privileges) {
    return warning(
        "sudo cannot work: no_new_privs is set",
        "allowPrivilegeEscalation in the pod's security context; not needed where all is installed");
  }
  if (!seen.sudo_is_setuid)
    return warning(place->second + " is not setuid", "install sudo anew in the devcontainer");
  return ok(place->second);
}

finding check_tools(const facts& seen) {
  if (!seen.in_coder()) return outside_of_coder();
  std::vector<std::string> missing;
  for (const auto* name : {"bash", "curl", "git", "jq"}) {
    if (!seen.programs.contains(name)) missing.emplace_back(name);
  }
  const auto* fix = "install them in the devcontainer (apt-get install): agent and modules use them";
  if (!missing.empty()) return failed("not in PATH: " + listed(missing), fix);
  if (!seen.programs.contains("gh"))
    return warning("not in PATH: gh",
                   "install GitHub's command line in the devcontainer, if anybody wants it");
  return ok("bash, curl, git, jq and gh are there");
}

finding check_time_zones(const facts& seen) {
  std::vector<std::string> known;
  for (const auto& [zone, is_known] : seen.zones) {
    if (!is_known) {
      return failed("the time zone " + zone + " is not known here",
                    "install tzdata in the devcontainer, or write the name as in /usr/share/zoneinfo");
    }
    known.push_back(zone);
  }
  if (known.empty()) return ok("UTC or the machine's own; nothing names another");
  return ok(listed(known));
}

finding check_memory(const facts& seen) {
  if (!seen.memory) return skipped("/sys/fs/cgroup and /proc do not tell");
  const double part = seen.memory->total > 0 ? seen.memory->used / seen.memory->total : 0;
  const auto told = size_text(seen.memory->used) + " of " + size_text(seen.memory->total) + " in use (" +
                    percent(part) + ")";
  if (part <= nearly_all) return ok(told);
  return warning(told + ": what needs more is killed", "end something, or: " + larger(seen, "memory"));
}

finding check_cpu(const facts& seen) {
  if (!seen.cpu) return skipped("/sys/fs/cgroup and /proc do not tell");
  const auto cores = decimal(seen.cpu->total) + " cores may be used";
  if (!seen.throttled) return ok(cores);
  const auto told = cores + "; held back in " + percent(*seen.throttled) + " of all periods";
  return *seen.throttled < often ? ok(told) : warning(told, "everything is slow: " + larger(seen, "cpu"));
}

finding check_oom_kills(const facts& seen) {
  if (!seen.oom_kills) return skipped("the cgroup does not count them");
  if (*seen.oom_kills == 0) return ok("none since the container started");
  return warning(std::to_string(*seen.oom_kills) + " processes were killed for want of memory",
                 "workspacectl status shows who restarts; " + larger(seen, "memory"));
}

finding check_cgroup(const facts& seen) {
  if (seen.cgroup.empty()) return ok("cgroup v2 is not to be seen: runs have none of their own");
  if (!seen.cgroup_is_ours)
    return ok(seen.cgroup + " is read-only, as in most pods: limits.memory and limits.cpus are not applied");
  return ok(seen.cgroup + " can be divided: each run gets a group of its own");
}

}  // namespace workspaced::ctl::doctor
