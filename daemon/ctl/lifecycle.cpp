// start, stop, restart, wait and down: ask, then watch until it is done.
#include "ctl/commands.hpp"
#include "ctl/json_text.hpp"

namespace workspaced::ctl {
namespace {

std::string list(const std::vector<std::string>& names) {
  if (names.size() > 4) return std::to_string(names.size()) + " services";
  std::string out;
  for (const auto& name : names) (out += out.empty() ? "" : ", ") += name;
  return out;
}

struct request_plan {
  std::string action;   // the last part of the route
  std::string success;  // "is ready"
  std::function<verdict(const core::fleet_view&, const std::vector<std::string>&, const baseline&, bool)>
      judge;
};

// What was before is asked before the request and the events are opened after it: their snapshot is complete,
// so nothing that happens in between is lost.
result<exit_code> request_and_follow(const context& in, const request_plan& plan) {
  if (in.args.names.empty() && !in.args.all) {
    return failure{exit_code::usage, plan.action + " needs the name of a service, or --all"};
  }
  const auto deadline = in.deadline();
  const auto fleet = ask_fleet(in.daemon);
  if (!fleet) return fleet.error();
  auto names = select(*fleet, in.args.names, in.args.all);
  if (!names) return names.error();
  if (names->empty()) return conclude(in, {{outcome::done, {}}, *fleet}, "there are no services");
  const auto since = remember(*fleet, *names);
  const auto sent = ask(in.daemon, "POST", "/v1/services/" + plan.action, names_body(*names));
  if (!sent) return sent.error();
  const auto judge = [&plan, &names, &since](const core::fleet_view& now, bool deadline_passed) {
    return plan.judge(now, *names, since, deadline_passed);
  };
  const auto how = follow(in, {*names, deadline, judge});
  if (!how) return how.error();
  return conclude(in, *how, list(*names) + (names->size() == 1 ? " is " : " are ") + plan.success);
}

}  // namespace

result<exit_code> run_start(const context& in) {
  return request_and_follow(
      in, {"start", "ready", [](const auto& fleet, const auto&, const auto& since, bool late) {
             return judge_start(fleet, since, late);
           }});
}

result<exit_code> run_restart(const context& in) {
  return request_and_follow(
      in, {"restart", "ready", [](const auto& fleet, const auto&, const auto& since, bool late) {
             return judge_restart(fleet, since, late);
           }});
}

result<exit_code> run_stop(const context& in) {
  return request_and_follow(
      in, {"stop", "stopped", [](const auto& fleet, const auto& names, const auto&, bool late) {
             return judge_stop(fleet, names, late);
           }});
}

result<exit_code> run_wait(const context& in) {
  const auto deadline = in.deadline();
  const auto fleet = ask_fleet(in.daemon);
  if (!fleet) return fleet.error();
  auto chosen = select(*fleet, in.args.names, false);
  if (!chosen) return chosen.error();
  const auto names = in.args.names.empty() ? counting(*fleet) : *chosen;
  const auto goal = in.args.goal;
  const auto judge = [&names, goal](const core::fleet_view& now, bool deadline_passed) {
    return judge_wait(now, names, goal, deadline_passed);
  };
  const auto how = follow(in, {names, deadline, judge});
  if (!how) return how.error();
  const char* reached = goal == wait_goal::stopped     ? "stopped"
                        : goal == wait_goal::completed ? "completed"
                                                       : "ready";
  return conclude(
      in, *how,
      names.empty() ? "nothing to wait for" : list(names) + (names.size() == 1 ? " is " : " are ") + reached);
}

result<exit_code> run_down(const context& in) {
  const auto deadline = in.deadline();
  const auto fleet = ask_fleet(in.daemon);
  if (!fleet) return fleet.error();
  const auto sent = ask(in.daemon, "POST", "/v1/shutdown");
  if (!sent) return sent.error();
  // The daemon ends the stream when it goes; by then it may not even accept ours. Its process has the last
  // word.
  const auto never = [](const core::fleet_view&, bool deadline_passed) {
    return verdict{deadline_passed ? outcome::timed_out : outcome::wait, {}};
  };
  auto how = follow(in, {{}, deadline, never});
  const int pid = fleet->daemon.pid;
  if (in.machine.wait_gone(pid, deadline)) {
    in.out.print(in.args.json ? done_json("down", pid) : "the daemon and all services have stopped\n");
    return exit_code::done;
  }
  if (!how)
    return failure{exit_code::timed_out,
                   "time ran out: the daemon (pid " + std::to_string(pid) + ") goes on"};
  for (const auto& service : how->fleet.services) {
    if (service.pid) how->end.culprits.push_back(service.name);
  }
  return conclude(in, *how, {});
}

}  // namespace workspaced::ctl
