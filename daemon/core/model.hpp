// The configuration as values: what the user asked for, with every default in one place (the member
// initialisers). `config/` produces it from text, everybody else only reads it. Paths are absolute and
// variables expanded by then.
#pragma once

#include "core/cron.hpp"
#include "core/process_spec.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace workspaced::core {

using duration = std::chrono::nanoseconds;

enum class service_kind { service, task };
enum class restart_policy { always, on_failure, never };

/// What a dependant waits for. `completed` is for tasks only.
enum class dependency_condition { started, ready, completed };

struct dependency_spec {
  dependency_condition condition = dependency_condition::ready;
  std::optional<duration> timeout;  ///< not so by then: the start has failed
  bool restart = false;             ///< a new run of the dependency restarts the dependant

  bool operator==(const dependency_spec&) const = default;
};

struct backoff_spec {
  duration initial = std::chrono::milliseconds(500);
  double factor = 2.0;
  duration max = std::chrono::seconds(30);
  double jitter = 0.2;                              ///< share of the delay, 0 to 1: delay * (1 ± jitter)
  duration reset_after = std::chrono::seconds(60);  ///< a run this long clears the count of failures
  unsigned attempts = 10;                      ///< failed runs in a row before `failed`; 0: never give up
  std::optional<duration> retry_failed_after;  ///< `failed` is left again, for one more try each time

  bool operator==(const backoff_spec&) const = default;
};

struct stop_spec {
  int signal = 15;                              ///< SIGTERM
  std::vector<std::string> command;             ///< runs instead of the signal; when it fails, the signal
  duration timeout = std::chrono::seconds(10);  ///< then SIGKILL to everything that is left of the run

  bool operator==(const stop_spec&) const = default;
};

/// Commands around a run, each with the service's working directory, environment and identity. A failure of
/// `before_start` fails the start; those of the others are told and change nothing.
struct hooks_spec {
  std::vector<std::string> before_start;
  std::vector<std::string> after_ready;
  std::vector<std::string> after_stop;          ///< after each run, however it ended
  duration timeout = std::chrono::seconds(30);  ///< for each; then it is killed and has failed

  bool operator==(const hooks_spec&) const = default;
};

/// What to do about times that passed while the task could not start: the daemon or the machine was off.
enum class missed_runs { skip, run_once };

struct schedule_spec {
  cron when;
  std::string time_zone;  ///< "Europe/Berlin"; empty: the daemon's own
  missed_runs missed = missed_runs::skip;

  bool operator==(const schedule_spec&) const = default;
};

/// What a service's end does to the daemon.
enum class end_action { none, exit };

struct log_spec {
  std::string file;                     ///< absolute; empty: <log_dir>/<service>/<service>.log
  std::uint64_t max_size = 10'000'000;  ///< bytes; 0: no rotation
  unsigned keep = 5;                    ///< rotated files beside the current one

  bool operator==(const log_spec&) const = default;
};

/// A connection target. `host` is a numeric address ("localhost" is 127.0.0.1 by then): probes never resolve
/// names, because Asio's resolver starts a thread.
struct tcp_target {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;

  bool operator==(const tcp_target&) const = default;
};

/// GET over plain HTTP; any 2xx answer is a success.
struct http_target {
  tcp_target address;
  std::string host_header;  ///< as in the URL, "localhost:8000"
  std::string path = "/";   ///< path and query

  bool operator==(const http_target&) const = default;
};

/// Exit status 0 is a success. Runs with the service's working directory and environment.
struct exec_target {
  std::vector<std::string> argv;

  bool operator==(const exec_target&) const = default;
};

/// Where a secret comes from. What is read is never logged, shown or written anywhere.
struct secret_text {
  std::string value;

  bool operator==(const secret_text&) const = default;
};
struct secret_file {
  std::string path;
  std::string pointer;  ///< JSON Pointer (RFC 6901) into the file; empty: its first line

  bool operator==(const secret_file&) const = default;
};
struct secret_command {
  std::vector<std::string> argv;  ///< the first line that it prints

  bool operator==(const secret_command&) const = default;
};
/// monostate: there is no secret.
using secret_source = std::variant<std::monostate, secret_text, secret_file, secret_command>;

/// An MCP handshake and a list of tools, with the server's own token.
struct mcp_target {
  std::string server;                ///< key of [mcp]
  std::optional<http_target> where;  ///< empty: the server speaks over its stdin and stdout
  secret_source token;

  bool operator==(const mcp_target&) const = default;
};

using probe_target = std::variant<http_target, tcp_target, exec_target, mcp_target>;

/// Gate for dependants, /health and Claude Code: from start until the first success.
struct ready_spec {
  probe_target target;
  duration timeout = std::chrono::seconds(120);        ///< not ready by then: the start has failed
  duration interval = std::chrono::milliseconds(250);  ///< the longest pause between attempts
  duration attempt_timeout = std::chrono::seconds(2);  ///< for one attempt
  unsigned success_threshold = 1;

  bool operator==(const ready_spec&) const = default;
};

enum class live_action { restart, report };

struct live_spec {
  probe_target target;
  duration interval = std::chrono::seconds(10);
  duration timeout = std::chrono::seconds(2);  ///< for one attempt
  unsigned failure_threshold = 3;
  live_action on_failure = live_action::restart;

  bool operator==(const live_spec&) const = default;
};

using environment_map = std::map<std::string, std::string>;

struct service_spec {
  std::string name;
  std::vector<std::string> command;  ///< argv; argv[0] is looked up in the service's PATH
  std::string working_dir;           ///< empty: the daemon's
  environment_map environment;       ///< env_file and environment merged, in that order
  service_kind kind = service_kind::service;
  bool autostart = true;
  bool required = true;  ///< counts for /health and `up --wait`
  std::map<std::string, dependency_spec> depends_on;
  restart_policy restart = restart_policy::always;  ///< a task's default is `never`
  std::vector<int> success_exit_codes = {0};
  backoff_spec backoff;
  stop_spec stop;
  log_spec log;
  std::optional<ready_spec> ready;
  std::optional<live_spec> live;
  process_spec process;
  hooks_spec hooks;
  std::optional<schedule_spec> schedule;     ///< tasks only
  end_action on_failure = end_action::none;  ///< `exit`: the daemon stops everything and ends with its code
  end_action on_success = end_action::none;
  bool stdio = false;  ///< its stdin and stdout carry MCP messages, not a log

  bool operator==(const service_spec&) const = default;
};

using service_map = std::map<std::string, service_spec>;

/// Where an entry for Claude Code is written; `none`: nowhere.
enum class claude_scope { none, user, project, local };

/// How Claude Code gets our token: by a helper that it calls, or as a header that stands in its file.
/// `automatic`: by a helper where the installed version is known to have them.
enum class claude_auth { automatic, helper, header };

struct claude_spec {
  claude_scope scope = claude_scope::user;
  std::string project;       ///< of the scopes project and local: its directory, absolute
  bool always_load = false;  ///< its tools are there without a search
  claude_auth auth = claude_auth::automatic;

  bool operator==(const claude_spec&) const = default;
};

/// Other programs whose file of MCP servers we can keep.
enum class mcp_client { cursor, vscode, gemini };

/// An MCP server behind a front door of ours, `/mcp/<name>`.
struct mcp_spec {
  std::string name;
  std::string service;             ///< key of [services]; the server's own name when it speaks over stdio
  std::optional<http_target> url;  ///< empty: it speaks over its stdin and stdout
  secret_source token;             ///< added to what is passed on
  duration hold_timeout = std::chrono::minutes(2);   ///< a call waits this long for the server
  duration call_timeout = std::chrono::minutes(10);  ///< the server may be silent this long in a call
  claude_spec claude;
  std::vector<mcp_client> clients;

  bool operator==(const mcp_spec&) const = default;
};

/// Our own MCP server, `/mcp`.
struct mcp_server_spec {
  bool aggregate = false;            ///< offers the tools of all servers behind the doors, too
  std::vector<std::string> control;  ///< services that an agent may start, stop and restart; "*": all
  claude_spec claude{claude_scope::none, {}, false, claude_auth::automatic};

  bool operator==(const mcp_server_spec&) const = default;
};

enum class log_level { trace, debug, info, warning, error };
enum class log_format { text, json };

struct daemon_spec {
  std::string log_dir = "~/.local/state/workspaced/logs";
  std::string state_dir = "~/.local/state/workspaced";
  log_level level = log_level::info;
  log_format format = log_format::text;
  std::vector<std::string> redact;  ///< patterns of names whose values are secret, besides the usual ones

  bool operator==(const daemon_spec&) const = default;
};

struct http_spec {
  tcp_target listen{"127.0.0.1", 9001};    ///< loopback only; port 0: the kernel chooses
  std::vector<std::string> allowed_hosts;  ///< besides loopback names

  bool operator==(const http_spec&) const = default;
};

/// One whole, validated configuration.
struct configuration {
  std::string file;  ///< the main file, absolute
  daemon_spec daemon;
  http_spec http;
  service_map services;
  std::map<std::string, mcp_spec> mcp;
  mcp_server_spec mcp_server;

  bool operator==(const configuration&) const = default;
};

}  // namespace workspaced::core
