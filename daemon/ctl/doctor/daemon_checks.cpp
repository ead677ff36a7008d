// The daemon and its services, as it tells.
#include "core/durations.hpp"
#include "ctl/doctor/checks.hpp"
#include "ctl/render.hpp"
#include "ctl/verdict.hpp"

#include <algorithm>

namespace workspaced::ctl::doctor {
namespace {

/// The first of many lines, in one.
std::string first_of(const std::string& lines) {
  constexpr int most = 3;
  std::string out;
  std::size_t begin = 0;
  for (int i = 0; begin < lines.size(); ++i) {
    if (i == most) return out + "; and more";
    const auto end = std::min(lines.find('\n', begin), lines.size());
    (out += out.empty() ? "" : "; ") += lines.substr(begin, end - begin);
    begin = end + 1;
  }
  return out;
}

std::string broken(const core::service_view& service) {
  return service.name + " is " + std::string(core::to_string(service.state)) + ": " + service.reason;
}

}  // namespace

finding check_configuration(const facts& seen) {
  const auto& found = seen.configuration;
  if (!found.errors.empty()) {
    return failed(first_of(found.errors),
                  "correct it; all errors: workspacectl check" + (found.file.empty() ? "" : " " + found.file),
                  exit_code::configuration);
  }
  if (!found.changes.empty())
    return warning(found.file + " is not in force as it is; a reload would bring: " + first_of(found.changes),
                   "workspacectl reload");
  return ok(found.file + ": no errors");
}

finding check_daemon(const facts& seen) {
  if (seen.fleet && seen.fleet->daemon.stopping)
    return failed("the daemon is stopping", "when it is gone: workspacectl up --wait", exit_code::no_daemon);
  if (seen.fleet) {
    const auto& daemon = seen.fleet->daemon;
    return ok("workspaced " + daemon.version + ", pid " + std::to_string(daemon.pid) + ", for " +
              core::in_words(daemon.uptime));
  }
  const auto code = seen.silence.code;
  if (code == exit_code::no_daemon) {
    return failed("no daemon answers on " + seen.socket.path,
                  "workspacectl up --wait; why the last one ended: " +
                      (seen.state_dir.path.empty() ? "startup.log in daemon.state_dir"
                                                   : seen.state_dir.path + "/startup.log"),
                  code);
  }
  if (code == exit_code::timed_out) {
    return failed(
        "the daemon behind " + seen.socket.path + " does not answer",
        "kill it (pgrep -a workspaced) with signal KILL, then: workspacectl up --wait; its services "
        "live on",
        code);
  }
  return failed(seen.silence.text, "work as the user who runs the daemon, or name its socket with --socket",
                code);
}

finding check_version(const facts& seen) {
  if (!seen.fleet) return no_daemon();
  const auto& running = seen.fleet->daemon.version;
  if (running == seen.version) return ok("workspaced and workspacectl are " + running);
  return warning("the daemon is " + running + ", workspacectl is " + seen.version,
                 "put the newer file in the place of the daemon's, then: workspacectl upgrade");
}

finding check_services(const facts& seen) {
  if (!seen.fleet) return no_daemon();
  const auto needed = counting(*seen.fleet);
  const auto isolated = [&seen](const std::string& name) { return seen.fleet->find(name); };
  for (const auto& name : needed) {
    const auto* service = isolated(name);
    if (service == nullptr || service->is_ready()) continue;
    std::string all = broken(*service);
    const auto others = std::count_if(needed.begin(), needed.end(), [&](const std::string& each) {
      return each != name && !isolated(each)->is_ready();
    });
    if (others > 0) all += "; and " + std::to_string(others) + " more: workspacectl status";
    return failed(all, "workspacectl why " + name);
  }
  for (const auto& service : seen.fleet->services) {
    if (service.state == core::status::failed || is_crash_looping(service))
      return warning(broken(service) + " (not required)", "workspacectl why " + service.name);
  }
  return ok(health_line(*seen.fleet));
}

finding check_service_warnings(const facts& seen) {
  if (!seen.fleet) return no_daemon();
  for (const auto& service : seen.fleet->services) {
    if (service.warnings.empty()) continue;
    return warning(service.name + ": " + listed(service.warnings, "; "),
                   "take the key out of [services." + service.name +
                       "], or give the workspace what it needs; limits need a cgroup of our own, see below");
  }
  return ok("every service has all that it asks for");
}

}  // namespace workspaced::ctl::doctor
