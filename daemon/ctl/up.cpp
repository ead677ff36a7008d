// up: a daemon that runs with the configuration of now, and, with --wait, services that are ready.
#include "ctl/commands.hpp"
#include "ctl/json_text.hpp"

#include <filesystem>

namespace workspaced::ctl {
namespace {

bool is_same_file(const std::string& one, const std::string& other) {
  std::error_code ignored;
  return std::filesystem::equivalent(one, other, ignored);
}

result<int> start(const context& in, clock::time_point deadline, std::string& startup_log) {
  const auto config = in.machine.check(in.args.config);
  if (!config) return config.error();
  startup_log = config->startup_log;
  const auto pid = in.machine.start_daemon(*config, deadline);
  if (pid && !in.args.json) {
    in.out.print("workspaced is up (pid " + std::to_string(*pid) + "), configuration " + config->file + '\n');
  }
  return pid;
}

// A daemon that runs takes the file of now, and gets back what was stopped by hand: after `up` the workspace
// is up.
result<int> refresh(const context& in, const core::fleet_view& fleet) {
  const auto& file = fleet.daemon.config_file;
  if (!in.args.config.empty() && !is_same_file(in.args.config, file)) {
    return failure{exit_code::usage, "the daemon runs with " + file + "; stop it first: workspacectl down"};
  }
  const auto reloaded = ask(in.daemon, "POST", "/v1/reload");
  if (!reloaded) return reloaded.error();
  const auto now = ask_fleet(in.daemon);
  if (!now) return now.error();
  std::vector<std::string> stopped;
  for (const auto& service : now->services) {
    if (service.autostart && !service.wanted && service.state == core::status::stopped)
      stopped.push_back(service.name);
  }
  if (!stopped.empty()) {
    const auto started = ask(in.daemon, "POST", "/v1/services/start", names_body(stopped));
    if (!started) return started.error();
  }
  if (!in.args.json) in.out.print("workspaced was up already; configuration " + file + " is in force\n");
  return fleet.daemon.pid;
}

}  // namespace

result<exit_code> run_up(const context& in) {
  const auto deadline = in.deadline();
  auto fleet = ask_fleet(in.daemon);
  if (fleet && fleet->daemon.stopping && in.machine.wait_gone(fleet->daemon.pid, deadline)) {
    fleet = failure{exit_code::no_daemon, {}};  // somebody's `down` is just over
  }
  if (!fleet && fleet.error().code != exit_code::no_daemon) return fleet.error();
  std::string startup_log;
  const auto pid = fleet ? refresh(in, *fleet) : start(in, deadline, startup_log);
  if (!pid) return pid.error();
  if (!in.args.wait) {
    if (in.args.json) in.out.print(done_json("up", *pid));
    return exit_code::done;
  }
  const auto how = follow(in, {{}, deadline, judge_up});
  if (!how && how.error().code == exit_code::no_daemon && !startup_log.empty()) {
    return failure{exit_code::no_daemon, how.error().text + "; its last words may be in " + startup_log};
  }
  if (!how) return how.error();
  return conclude(in, *how, health_line(how->fleet));
}

}  // namespace workspaced::ctl
