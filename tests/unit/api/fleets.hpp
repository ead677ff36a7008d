// A fleet in which every kind of answer occurs, and the moment at which it is seen.
#pragma once

#include "api/json.hpp"

#include <chrono>
#include <csignal>
#include <string>

namespace workspaced::test {

using namespace std::chrono_literals;

/// 2026-11-23T14:05:06.789Z
inline const api::wall_time moment{std::chrono::milliseconds{1795442706789}};

/// A ready service of which everything is known.
inline core::service_view web() {
  core::service_view out;
  out.name = "web";
  out.wanted = true;
  out.state = core::status::ready;
  out.reason = "ready: 200 OK";
  out.in_state = 61s;
  out.pid = 4711;
  out.run = 3;
  out.up_for = 62s + 345ms;
  out.ready_after = 1s + 345ms;
  out.restarts = {1, 0, 0, 0, 0, 1};
  out.last_run = core::ended_run{2, core::signaled{SIGKILL, false}, "killed by SIGKILL", 65s, 2h};
  out.probe =
      core::probe_view{core::probe_kind::live, "http http://127.0.0.1:8000/health", true, "200 OK", 500ms};
  out.depends_on = {{"db", core::dependency_condition::ready, true, core::status::ready},
                    {"migrate", core::dependency_condition::completed, false, core::status::failed}};
  out.until_reload = true;
  out.warnings = {"limits.memory is not applied: it is night"};
  out.log_file = "/logs/web/web.log";
  out.log_bytes = {12'345'678'901, 9};
  return out;
}

/// A task in backoff after an exit code, never ready.
inline core::service_view migrate() {
  core::service_view out;
  out.name = "migrate";
  out.kind = core::service_kind::task;
  out.required = false;
  out.autostart = false;
  out.state = core::status::backoff;
  out.reason = "exit code 3; next try soon";
  out.run = 1;
  out.failures = 1;
  out.last_run = core::ended_run{1, core::exited{3}, "exit code 3", 100ms, 7ms};
  out.next_retry = 400ms;
  return out;
}

inline core::fleet_view fleet(std::vector<core::service_view> services) {
  core::fleet_view out;
  out.daemon = {"0.1.0", 4242, 90s, "/w/workspaced.toml", "/w/state", "/w/logs", false, {"gone"}};
  out.services = std::move(services);
  return out;
}

}  // namespace workspaced::test
