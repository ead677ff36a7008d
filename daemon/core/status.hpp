// The names of states, probes and causes as every surface shows them (DESIGN: `status`, JSON, metrics).
#pragma once

#include <array>
#include <string_view>

namespace workspaced::core {

enum class status { stopped, waiting, starting, ready, degraded, stopping, backoff, completed, failed };

inline constexpr std::array all_statuses = {status::stopped, status::waiting,   status::starting,
                                            status::ready,   status::degraded,  status::stopping,
                                            status::backoff, status::completed, status::failed};

/// What made a new run of a service necessary.
enum class restart_cause { exit, signal, spawn, ready_timeout, liveness, request, hook, dependency };

inline constexpr std::array all_restart_causes = {
    restart_cause::exit,     restart_cause::signal,  restart_cause::spawn, restart_cause::ready_timeout,
    restart_cause::liveness, restart_cause::request, restart_cause::hook,  restart_cause::dependency};

enum class hook_kind { before_start, after_ready, stop, after_stop };

enum class probe_kind { ready, live };

[[nodiscard]] std::string_view to_string(status value);
[[nodiscard]] std::string_view to_string(restart_cause value);
[[nodiscard]] std::string_view to_string(probe_kind value);
[[nodiscard]] std::string_view to_string(hook_kind value);

}  // namespace workspaced::core
