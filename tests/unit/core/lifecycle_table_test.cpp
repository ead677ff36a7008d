// Every event in every state: what it leads to. A cell that says nothing means that the event changes
// nothing.
#include "core/lifecycle.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace workspaced::core {
namespace {

using namespace std::chrono_literals;

constexpr run_id current{1};
const time_point start{1h};

service_spec spec_of_table() {
  service_spec spec;
  spec.name = "x";
  spec.command = {"x"};
  spec.backoff.jitter = 0;
  spec.ready = ready_spec{tcp_target{}};
  spec.live = live_spec{tcp_target{}};
  spec.live->failure_threshold = 1;
  return spec;
}

service in_state(status which) {
  service subject;
  subject.runs = current.value;
  subject.wanted = which != status::stopped;
  const run alive{current, start, 100};
  switch (which) {
    case status::stopped: subject.state = in::stopped{}; break;
    case status::waiting: subject.state = in::waiting{}; break;
    case status::starting: subject.state = in::starting{alive, {}}; break;
    case status::ready: subject.state = in::ready{alive, {}}; break;
    case status::degraded: subject.state = in::degraded{alive, {}}; break;
    case status::stopping: subject.state = in::stopping{alive, start + 10s, false, std::nullopt}; break;
    case status::backoff: subject.state = in::backoff{start + 1h}; break;
    case status::completed: subject.state = in::completed{}; break;
    case status::failed: subject.state = in::failed{}; break;
  }
  return subject;
}

const std::map<std::string, event> events = {
    {"start", start_requested{}},
    {"stop", stop_requested{}},
    {"restart", restart_requested{}},
    {"dependencies met", dependencies_met{}},
    {"spawned", spawned{current, 100}},
    {"spawn failed", spawn_failed{current, "no"}},
    {"exited", process_exited{current, exited{1}, false}},
    {"exited, group alive", process_exited{current, exited{1}, true}},
    {"group gone", group_gone{current}},
    {"ready probe ok", probe_answered{current, probe_kind::ready, true, false, "ok"}},
    {"ready probe failed", probe_answered{current, probe_kind::ready, false, false, "no"}},
    {"live probe ok", probe_answered{current, probe_kind::live, true, false, "ok"}},
    {"live probe failed", probe_answered{current, probe_kind::live, false, false, "no"}},
    {"hook before_start ok", hook_finished{current, hook_kind::before_start, true, "exit code 0"}},
    {"hook after_ready failed", hook_finished{current, hook_kind::after_ready, false, "exit code 1"}},
    {"hook stop failed", hook_finished{current, hook_kind::stop, false, "exit code 1"}},
    {"hook after_stop ok", hook_finished{current, hook_kind::after_stop, true, "exit code 0"}},
    {"dependency late", dependency_late{"waited 5 s for db to be ready"}},
    {"schedule", schedule_due{}},
    {"adopted", adopted{current}},
    {"time", time_passed{}},
    {"policy", policy_changed{}},
};

/// (state, event) -> next state, for the pairs that change the state.
const std::map<std::pair<status, std::string>, status> changes = {
    {{status::stopped, "start"}, status::waiting},
    {{status::stopped, "restart"}, status::waiting},
    {{status::waiting, "stop"}, status::stopped},
    {{status::waiting, "dependencies met"}, status::starting},
    {{status::waiting, "dependency late"}, status::backoff},
    {{status::stopped, "schedule"}, status::waiting},
    {{status::backoff, "schedule"}, status::waiting},
    {{status::completed, "schedule"}, status::waiting},
    {{status::failed, "schedule"}, status::waiting},
    {{status::starting, "stop"}, status::stopping},
    {{status::starting, "restart"}, status::stopping},
    {{status::starting, "spawn failed"}, status::backoff},
    {{status::starting, "exited"}, status::backoff},
    {{status::starting, "exited, group alive"}, status::stopping},
    {{status::starting, "ready probe ok"}, status::ready},
    {{status::starting, "time"}, status::stopping},
    {{status::ready, "stop"}, status::stopping},
    {{status::ready, "restart"}, status::stopping},
    {{status::ready, "spawn failed"}, status::backoff},
    {{status::ready, "exited"}, status::backoff},
    {{status::ready, "exited, group alive"}, status::stopping},
    {{status::ready, "live probe failed"}, status::stopping},
    {{status::degraded, "stop"}, status::stopping},
    {{status::degraded, "restart"}, status::stopping},
    {{status::degraded, "spawn failed"}, status::backoff},
    {{status::degraded, "exited"}, status::backoff},
    {{status::degraded, "exited, group alive"}, status::stopping},
    {{status::degraded, "live probe ok"}, status::ready},
    {{status::degraded, "live probe failed"}, status::stopping},
    {{status::stopping, "spawn failed"}, status::waiting},
    {{status::stopping, "exited"}, status::waiting},
    {{status::stopping, "group gone"}, status::waiting},
    {{status::backoff, "start"}, status::waiting},
    {{status::backoff, "stop"}, status::stopped},
    {{status::backoff, "restart"}, status::waiting},
    {{status::completed, "start"}, status::waiting},
    {{status::completed, "restart"}, status::waiting},
    {{status::failed, "start"}, status::waiting},
    {{status::failed, "stop"}, status::stopped},
    {{status::failed, "restart"}, status::waiting},
};

TEST(lifecycle_table, every_event_in_every_state) {
  const service_spec spec = spec_of_table();
  for (const status state : all_statuses) {
    for (const auto& [name, what] : events) {
      const step result = transition(spec, in_state(state), what, context{start + 121s, 0.5});
      const auto cell = changes.find({state, name});
      const status expected = cell == changes.end() ? state : cell->second;
      EXPECT_EQ(to_string(status_of(result.next)), to_string(expected)) << to_string(state) << " + " << name;
    }
  }
}

TEST(lifecycle_table, every_change_is_told_once) {
  const service_spec spec = spec_of_table();
  for (const auto& [cell, expected] : changes) {
    const step result =
        transition(spec, in_state(cell.first), events.at(cell.second), context{start + 121s, 0.5});
    int told = 0;
    for (const effect& each : result.effects) {
      const auto* change = std::get_if<state_changed>(&each);
      if (change == nullptr) continue;
      ++told;
      EXPECT_EQ(change->previous, cell.first);
    }
    EXPECT_EQ(told, 1) << to_string(cell.first) << " + " << cell.second;
  }
}

}  // namespace
}  // namespace workspaced::core
