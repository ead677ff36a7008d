#include "core/status.hpp"

namespace workspaced::core {

std::string_view to_string(status value) {
  switch (value) {
    case status::stopped: return "stopped";
    case status::waiting: return "waiting";
    case status::starting: return "starting";
    case status::ready: return "ready";
    case status::degraded: return "degraded";
    case status::stopping: return "stopping";
    case status::backoff: return "backoff";
    case status::completed: return "completed";
    case status::failed: return "failed";
  }
  return "unknown";
}

std::string_view to_string(restart_cause value) {
  switch (value) {
    case restart_cause::exit: return "exit";
    case restart_cause::signal: return "signal";
    case restart_cause::spawn: return "spawn";
    case restart_cause::ready_timeout: return "ready_timeout";
    case restart_cause::liveness: return "liveness";
    case restart_cause::request: return "request";
    case restart_cause::hook: return "hook";
    case restart_cause::dependency: return "dependency";
  }
  return "unknown";
}

std::string_view to_string(probe_kind value) { return value == probe_kind::ready ? "ready" : "live"; }

std::string_view to_string(hook_kind value) {
  switch (value) {
    case hook_kind::before_start: return "before_start";
    case hook_kind::after_ready: return "after_ready";
    case hook_kind::stop: return "stop.command";
    case hook_kind::after_stop: return "after_stop";
  }
  return "unknown";
}

}  // namespace workspaced::core
