// When a waiting verb is over and how: pure functions over what the daemon says. Nothing here knows a clock
// or a socket; `deadline_passed` is told by the caller.
#pragma once

#include "core/snapshot.hpp"
#include "ctl/arguments.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace workspaced::ctl {

enum class outcome { wait, done, failed, timed_out };

struct verdict {
  outcome what = outcome::wait;
  std::vector<std::string> culprits;  ///< what is not as wanted, by name; empty when done

  bool operator==(const verdict&) const = default;
};

/// `failed` and `timed_out` as exit codes; `wait` has none and counts as timed out.
[[nodiscard]] exit_code to_exit_code(outcome what);

/// True when its latest run has failed and it is not ready since: it is between two attempts, or in the next
/// one.
[[nodiscard]] bool is_crash_looping(const core::service_view& service);

/// `up --wait`: done when every service that counts is ready, failed at once when one of them has
/// been given up. At the deadline a crash-looping one is a failure, everything else ran out of time.
[[nodiscard]] verdict judge_up(const core::fleet_view& fleet, bool deadline_passed);

/// What a service was when a request about it was sent.
struct before {
  std::uint64_t run = 0;
  core::status state = core::status::stopped;
};
using baseline = std::map<std::string, before>;

[[nodiscard]] baseline remember(const core::fleet_view& fleet, const std::vector<std::string>& names);

/// `start`: done when each is ready (a task: completed). Failed as soon as one was given up or a
/// run that is newer than the baseline has failed: whoever typed `start` wants to hear of the first failure,
/// not of the tenth.
[[nodiscard]] verdict judge_start(const core::fleet_view& fleet, const baseline& since, bool deadline_passed);

/// `restart`: as `judge_start`, of runs that are newer than the baseline only.
[[nodiscard]] verdict judge_restart(const core::fleet_view& fleet, const baseline& since,
                                    bool deadline_passed);

/// `stop`: done when none has a process or is about to get one.
[[nodiscard]] verdict judge_stop(const core::fleet_view& fleet, const std::vector<std::string>& names,
                                 bool deadline_passed);

/// `remove`: done when the service has no process and is about to get none, or is not there any more.
[[nodiscard]] verdict judge_remove(const core::fleet_view& fleet, const std::string& name,
                                   bool deadline_passed);

/// `wait`: `names` as they are, whatever they were. A service that was given up fails the wait for ready and
/// completed.
[[nodiscard]] verdict judge_wait(const core::fleet_view& fleet, const std::vector<std::string>& names,
                                 wait_goal goal, bool deadline_passed);

/// Those that hold up `name`: itself, or, while it waits for others, the ends of the chains of unmet
/// dependencies.
[[nodiscard]] std::vector<std::string> root_causes(const core::fleet_view& fleet, const std::string& name);

/// The services that count for /health, by name.
[[nodiscard]] std::vector<std::string> counting(const core::fleet_view& fleet);

}  // namespace workspaced::ctl
