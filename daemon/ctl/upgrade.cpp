// upgrade: another program in the daemon's place, under its services.
#include "ctl/commands.hpp"
#include "ctl/json_text.hpp"

#include <chrono>
#include <thread>

namespace workspaced::ctl {
namespace {

constexpr std::chrono::milliseconds pause{5};

/// The daemon answers again, and has not been up for longer than since we asked it.
bool is_new(const core::fleet_view& fleet, clock::time_point asked) {
  return fleet.daemon.uptime < clock::now() - asked && !fleet.daemon.stopping;
}

}  // namespace

result<exit_code> run_upgrade(const context& in) {
  const auto deadline = in.deadline();
  const auto before = ask_fleet(in.daemon);
  if (!before) return before.error();
  const auto asked = clock::now();
  const auto sent = ask(in.daemon, "POST", "/v1/upgrade");
  if (!sent) return sent.error();
  while (clock::now() < deadline) {
    const auto now = ask_fleet(in.daemon);
    if (now && is_new(*now, asked)) {
      in.out.print(in.args.json
                       ? done_json("upgrade", now->daemon.pid)
                       : "upgraded from " + before->daemon.version + " to " + now->daemon.version + " (pid " +
                             std::to_string(now->daemon.pid) + "); the services run on\n");
      return exit_code::done;
    }
    std::this_thread::sleep_for(pause);
  }
  return failure{exit_code::timed_out,
                 "time ran out: the new daemon does not answer; see its log, and workspacectl up"};
}

}  // namespace workspaced::ctl
