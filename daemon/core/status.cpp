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
  }
  return "unknown";
}

std::string_view to_string(probe_kind value) { return value == probe_kind::ready ? "ready" : "live"; }

}  // namespace workspaced::core
