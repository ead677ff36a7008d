// A record of every kind of state.
#pragma once

#include "state/record.hpp"

#include <vector>

namespace workspaced::state {

inline core::time_point at(std::int64_t ns) { return core::time_point(core::duration(ns)); }

inline record sample(core::service_state state) {
  record made;
  made.service = "web";
  made.state.state = std::move(state);
  made.state.wanted = true;
  made.state.reason = "because of \"this\"\n\xff";
  made.state.since = at(123456789012345);
  made.state.failures = 3;
  made.state.runs = 18446744073709551615U;
  made.state.restarts = {1, 2, 3, 4, 5, 6, 7, 8};
  made.state.paused = true;
  made.state.skipped = 2;
  made.state.cause_of_next = core::restart_cause::liveness;
  made.state.ready_after = core::duration(5);
  made.state.last_run =
      core::finished_run{{4}, core::signaled{9, true}, "killed", at(77), core::duration(88)};
  made.leader_started = 99;
  made.fingerprint = 0xfedcba9876543210;
  made.kind = core::service_kind::task;
  made.stop_signal = 2;
  made.stop_timeout = core::duration(1000);
  made.log_file = "/var/log/web.log";
  return made;
}

inline std::vector<core::service_state> all_states() {
  using namespace core;
  const run current{{5}, at(42), 4711};
  return {in::stopped{},
          in::waiting{},
          in::starting{{{5}, at(42), std::nullopt}, {}, true},
          in::starting{current, {}, false},
          in::ready{current, {}},
          in::degraded{current, {}},
          in::stopping{current, at(50), true, ending{true, restart_cause::hook, "x"}, true},
          in::stopping{current, at(50), false, std::nullopt, false},
          in::backoff{at(60)},
          in::completed{},
          in::failed{},
          in::failed{at(70)}};
}

}  // namespace workspaced::state
