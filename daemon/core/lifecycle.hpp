// The life of one service as a pure function: transition(spec, service, event, context) -> {next, effects}.
//
//            start            dependencies met        first success of the ready probe
//   stopped ───────► waiting ─────────────────► starting ─────────────────► ready ◄──► degraded
//      ▲               ▲  ▲                        │ │                        │  live probe (report)
//      │               │  └─ backoff ◄─────────────┘ │ exit, timeout          │
//      │               │        │ time               ▼                        ▼
//      └── stopping ◄──┴────────┴── failed ◄── gives up        completed (task, success)
//
// Rules that hold everywhere:
// - A state carries only what is true in it. Deadlines are data (`next_deadline`); there are no timers to go
// stale.
// - An event of a run names it; an event of another run than the current one is ignored, by one rule at the
// top.
// - `wanted` says whether somebody wants the service up. What follows the end of a run is decided by
// `wanted`, the
//   way the run ended and the policy, in one place (`settle`).
// - A run is over when nothing of its processes is left, not when its first process is gone; and when the
// hook
//   after_stop has run.
#pragma once

#include "core/exit_status.hpp"
#include "core/model.hpp"
#include "core/status.hpp"

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace workspaced::core {

/// Monotonic time. The core never asks for it: every function takes `now`.
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

/// Numbers the runs of one service from 1 on; never used again for that service.
struct run_id {
  std::uint64_t value = 0;
  auto operator<=>(const run_id&) const = default;
};

/// One run: from the order to spawn until its process group is gone.
struct run {
  run_id id;
  time_point since;
  std::optional<int> pid;  ///< empty until the spawn is confirmed
};

/// When the next probe attempt is due, and how the last ones went.
struct probe_cursor {
  std::optional<time_point> next;  ///< empty while an attempt is under way, or without a probe
  unsigned streak = 0;             ///< successes (ready) or failures (live) in a row
};

/// How a run ended when nobody asked for its end.
struct ending {
  bool success = false;
  restart_cause cause = restart_cause::exit;
  std::string reason;
};

namespace in {
struct stopped {};
struct waiting {};
struct starting {
  run current;
  probe_cursor probe;
  bool preparing = false;  ///< the hook before_start runs, there is no process yet
};
struct ready {
  run current;
  probe_cursor probe;
};
struct degraded {
  run current;
  probe_cursor probe;
};
struct stopping {
  run current;
  time_point kill_at;
  bool killed = false;
  std::optional<ending> because;  ///< empty: somebody asked for it
  bool over = false;              ///< nothing of it is left, the hook after_stop runs
};
struct backoff {
  time_point until;
};
struct completed {};
struct failed {
  std::optional<time_point> retry_at;
};
}  // namespace in

/// In the order of `status`.
using service_state = std::variant<in::stopped, in::waiting, in::starting, in::ready, in::degraded,
                                   in::stopping, in::backoff, in::completed, in::failed>;

struct finished_run {
  run_id id;
  std::optional<exit_status> status;  ///< empty: no process came to be
  std::string reason;
  time_point ended;
  duration lasted{};
};

struct probe_answer {
  probe_kind kind = probe_kind::ready;
  bool ok = false;
  std::string text;
  time_point at;
};

/// One service: its state, and what has to be remembered across states.
struct service {
  service_state state = in::stopped{};
  bool wanted = false;
  std::string reason = "not started";  ///< one sentence for people
  time_point since;                    ///< when the state was entered
  unsigned failures = 0;               ///< failed runs in a row
  std::uint64_t runs = 0;              ///< number of the current or last run
  std::array<std::uint64_t, all_restart_causes.size()> restarts{};
  std::optional<restart_cause> cause_of_next;  ///< counted when the next run starts
  bool paused = false;                         ///< stopped by request: its schedule rests
  std::uint64_t skipped = 0;                   ///< times of the schedule that fell into a run
  std::optional<duration> ready_after;         ///< of the current or last run
  std::optional<finished_run> last_run;
  std::optional<probe_answer> probe;  ///< last answer of a probe of the current run
};

struct start_requested {};
struct stop_requested {
  std::string reason = "stopped by request";
};
struct restart_requested {
  restart_cause cause = restart_cause::request;
  std::string reason = "restarting by request";
};
struct dependencies_met {};
struct spawned {
  run_id run;
  int pid = 0;
};
struct spawn_failed {
  run_id run;
  std::string reason;
};
/// The first process of the run has ended. `group_alive`: others of its process group are still there, and
/// `group_gone` follows when they are not.
struct process_exited {
  run_id run;
  exit_status status;
  bool group_alive = false;
};
struct group_gone {
  run_id run;
};
/// `refused`: nothing listens there. Asking again soon costs nobody anything.
struct probe_answered {
  run_id run;
  probe_kind kind = probe_kind::ready;
  bool ok = false;
  bool refused = false;
  std::string text;
};
/// A hook has ended; also one that was cancelled.
struct hook_finished {
  run_id run;
  hook_kind kind = hook_kind::before_start;
  bool ok = false;
  std::string text;
};
/// A dependency did not meet its condition in time.
struct dependency_late {
  std::string reason;
};
/// A time of its schedule has come.
struct schedule_due {};
/// The run was begun by an earlier daemon, and what was under way in it besides its process died with that:
/// probes, hooks, perhaps a signal, or the start itself.
struct adopted {
  run_id run;
};
struct time_passed {};
/// The specification was replaced by one that differs in policy only: probes, timeouts, backoff.
struct policy_changed {};

using event = std::variant<start_requested, stop_requested, restart_requested, dependencies_met,
                           dependency_late, schedule_due, spawned, spawn_failed, process_exited, group_gone,
                           probe_answered, hook_finished, adopted, time_passed, policy_changed>;

/// Start a process for this run; `spawned` or `spawn_failed` answers.
struct spawn_process {
  run_id run;
};
struct signal_group {
  run_id run;
  int signal = 0;
};
/// One attempt; `probe_answered` answers, once.
struct run_probe {
  run_id run;
  probe_kind kind = probe_kind::ready;
};
/// No answer of a probe of this run is wanted any more.
struct cancel_probes {
  run_id run;
};
/// Run the command of a hook; `hook_finished` answers, once.
struct run_hook {
  run_id run;
  hook_kind kind = hook_kind::before_start;
};
/// End what runs of the hooks of this run. Each is answered by `hook_finished`.
struct cancel_hooks {
  run_id run;
};
/// The configuration wants the daemon to stop everything and to end with this code.
struct end_daemon {
  int code = 0;
  std::string reason;
};
struct state_changed {
  status previous = status::stopped;
  status current = status::stopped;
  std::string reason;
};

using effect = std::variant<spawn_process, signal_group, run_probe, cancel_probes, run_hook, cancel_hooks,
                            end_daemon, state_changed>;

struct context {
  time_point now;
  double luck = 0.5;  ///< uniform in [0, 1), for jitter
};

struct step {
  service next;
  std::vector<effect> effects;  ///< in the order in which they must be carried out
};

/// The whole life of a service. Total: every event is answered in every state, if only by doing nothing.
[[nodiscard]] step transition(const service_spec& spec, service before, const event& what, const context& at);

/// When `time_passed` is due next; empty: nothing is pending.
[[nodiscard]] std::optional<time_point> next_deadline(const service_spec& spec, const service& subject);

[[nodiscard]] status status_of(const service& subject);

/// The current run, in the states that have one.
[[nodiscard]] const run* current_run(const service& subject);

}  // namespace workspaced::core
