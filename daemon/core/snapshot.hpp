// One consistent moment of the whole daemon as a value: what the API, the metrics and the CLI speak about.
// Times are ages relative to the moment of the snapshot, so that it needs no clock.
#pragma once

#include "core/exit_status.hpp"
#include "core/model.hpp"
#include "core/status.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::core {

struct dependency_view {
  std::string name;
  dependency_condition condition = dependency_condition::ready;
  bool met = false;
  status state = status::stopped;  ///< of the dependency

  bool operator==(const dependency_view&) const = default;
};

struct probe_view {
  probe_kind kind = probe_kind::ready;
  std::string target;  ///< "http http://127.0.0.1:8000/health"
  bool ok = false;
  std::string answer;  ///< "503 Service Unavailable", "connection refused"
  duration age{};

  bool operator==(const probe_view&) const = default;
};

/// How the last run ended. `status` is empty when no process came to be (a failed spawn).
struct ended_run {
  std::uint64_t run = 0;
  std::optional<exit_status> status;
  std::string reason;  ///< "exit code 3", "cannot start: exec: /x: No such file…"
  duration age{};      ///< since it ended
  duration lasted{};

  bool operator==(const ended_run&) const = default;
};

struct service_view {
  std::string name;
  service_kind kind = service_kind::service;
  bool required = true;
  bool autostart = true;
  bool until_reload = false;  ///< added over the API
  bool wanted = false;        ///< somebody wants it up (autostart or a request)
  status state = status::stopped;
  std::string reason;   ///< one sentence for people, never empty
  duration in_state{};  ///< age of the state
  std::optional<int> pid;
  std::uint64_t run = 0;                ///< number of the current or last run; 0: never ran
  std::optional<duration> up_for;       ///< age of the run, while there is one
  std::optional<duration> ready_after;  ///< from start to ready, of the current or last run
  std::array<std::uint64_t, all_restart_causes.size()> restarts{};
  unsigned failures = 0;  ///< failed runs in a row
  std::optional<ended_run> last_run;
  std::optional<probe_view> probe;     ///< the last answer of a probe of the current run
  std::optional<duration> next_retry;  ///< in backoff, or failed with retry_failed_after: time left
  std::optional<duration> next_run;    ///< by its schedule: time left
  std::uint64_t skipped = 0;           ///< times of its schedule that fell into a run
  std::vector<dependency_view> depends_on;
  std::vector<std::string> warnings{};  ///< what it does without, one sentence each
  std::string log_file;
  std::array<std::uint64_t, 2> log_bytes{};  ///< stdout, stderr

  /// Counts as ready for /health: a ready service, a completed task.
  [[nodiscard]] bool is_ready() const {
    return kind == service_kind::task ? state == status::completed : state == status::ready;
  }
  /// Counts for /health at all: required, and either started with the daemon or by request.
  [[nodiscard]] bool counts() const { return required && (autostart || wanted); }
};

/// Durations of one probe as a Prometheus histogram. `buckets[i]` counts answers within `probe_bounds[i]`
/// seconds.
inline constexpr std::array probe_bounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                            0.1,   0.25,   0.5,   1.0,  2.5,   5.0};

struct probe_statistics {
  std::string service;
  probe_kind kind = probe_kind::ready;
  std::array<std::uint64_t, probe_bounds.size()> buckets{};  ///< cumulative, without +Inf
  std::uint64_t count = 0;
  double sum_seconds = 0;
  std::uint64_t failures = 0;
};

/// What the operating system says of one process. From /proc, so it may be absent.
struct process_usage {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_fds = 0;
};

/// How a request at a door ended.
enum class door_outcome {
  answered,     ///< by the server
  known,        ///< from what is known of the server, or by the door itself
  error,        ///< the server answered with an error
  unavailable,  ///< the server was not there in time
  lost,         ///< the server got the call and went: nobody knows what it did
  refused,      ///< by the door: too many calls wait, or the request is none
  cancelled,    ///< the client left
};
inline constexpr std::array all_door_outcomes = {
    door_outcome::answered, door_outcome::known,   door_outcome::error,    door_outcome::unavailable,
    door_outcome::lost,     door_outcome::refused, door_outcome::cancelled};

[[nodiscard]] constexpr std::string_view to_string(door_outcome what) {
  constexpr std::array<std::string_view, all_door_outcomes.size()> words = {
      "answered", "known", "error", "unavailable", "lost", "refused", "cancelled"};
  return words[static_cast<std::size_t>(what)];
}

/// Durations of calls, from the request to the end of the answer, as a Prometheus histogram.
inline constexpr std::array door_bounds = {0.001, 0.005, 0.01, 0.05, 0.1,  0.5,
                                           1.0,   5.0,   10.0, 30.0, 60.0, 300.0};

struct door_figures {
  std::array<std::uint64_t, all_door_outcomes.size()> outcomes{};
  std::uint64_t replayed = 0;                               ///< calls that were sent to the server again
  std::uint64_t held_total = 0;                             ///< calls that had to wait for the server
  std::size_t held = 0;                                     ///< that wait now
  std::array<std::uint64_t, door_bounds.size()> buckets{};  ///< cumulative, without +Inf
  std::uint64_t count = 0;
  double sum_seconds = 0;
};

/// The front door of an MCP server.
struct door_view {
  std::string name;
  std::string service;
  std::string target;  ///< "http://127.0.0.1:8000/mcp", "stdio"
  bool open = false;   ///< calls go to the server; else they are held
  std::string server;  ///< "fleet-mcp 0.2.0", as it last said; empty: never seen
  std::size_t tools = 0;
  std::size_t sessions = 0;
  std::string problem;  ///< why the server could not be talked to, last; empty: it could
  door_figures figures;
};

struct daemon_view {
  std::string version;
  int pid = 0;
  duration uptime{};
  std::string config_file;
  std::string state_dir{};
  std::string log_dir{};
  bool stopping = false;
  std::vector<std::string> removed{};  ///< services of the configuration that were taken away over the API
};

struct fleet_view {
  daemon_view daemon;
  std::vector<service_view> services;  ///< by name
  std::vector<probe_statistics> probes;
  std::vector<door_view> doors;  ///< by name

  /// True when every service that counts is ready. An empty fleet is healthy.
  [[nodiscard]] bool healthy() const;
  [[nodiscard]] const service_view* find(const std::string& name) const;
};

}  // namespace workspaced::core
