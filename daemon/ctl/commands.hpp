// The verbs: what each asks of the daemon, what it prints, how it ends.
#pragma once

#include "ctl/arguments.hpp"
#include "ctl/console.hpp"
#include "ctl/host.hpp"
#include "ctl/progress.hpp"
#include "ctl/render.hpp"
#include "ctl/transport.hpp"
#include "ctl/verdict.hpp"

#include <functional>
#include <string>
#include <vector>

namespace workspaced::ctl {

/// What a verb works with.
struct context {
  const invocation& args;
  transport& daemon;
  host& machine;
  console& out;

  [[nodiscard]] style look() const { return {out.screen().colour, out.screen().columns}; }
  /// now + --timeout
  [[nodiscard]] clock::time_point deadline() const;
};

/// Runs the verb of `in.args` and prints what it has to say, failures too (as {"error":…} with --json).
[[nodiscard]] exit_code execute(const context& in);

/// Prints a failure and returns its code.
exit_code report(console& out, const failure& what, bool json);

// One function for each verb. A failure is printed by `execute`.
[[nodiscard]] result<exit_code> run_up(const context& in);
[[nodiscard]] result<exit_code> run_down(const context& in);
[[nodiscard]] result<exit_code> run_status(const context& in);
[[nodiscard]] result<exit_code> run_start(const context& in);
[[nodiscard]] result<exit_code> run_stop(const context& in);
[[nodiscard]] result<exit_code> run_restart(const context& in);
[[nodiscard]] result<exit_code> run_logs(const context& in);
[[nodiscard]] result<exit_code> run_wait(const context& in);
[[nodiscard]] result<exit_code> run_why(const context& in);
[[nodiscard]] result<exit_code> run_reload(const context& in);
[[nodiscard]] result<exit_code> run_add(const context& in);
[[nodiscard]] result<exit_code> run_remove(const context& in);
[[nodiscard]] result<exit_code> run_env(const context& in);
[[nodiscard]] result<exit_code> run_upgrade(const context& in);
[[nodiscard]] result<exit_code> run_mcp(const context& in);
[[nodiscard]] result<exit_code> run_health(const context& in);
[[nodiscard]] result<exit_code> run_doctor(const context& in);
[[nodiscard]] result<exit_code> run_stat(const context& in);
[[nodiscard]] result<exit_code> run_check(const context& in);
[[nodiscard]] result<exit_code> run_completion(const context& in);
[[nodiscard]] result<exit_code> run_version(const context& in);

// What several verbs share.

/// GET /v1/services.
[[nodiscard]] result<core::fleet_view> ask_fleet(transport& daemon);

/// A request whose answer must be 2xx; another one is a failure as by `problem`.
[[nodiscard]] result<reply> ask(transport& daemon, const std::string& method, const std::string& target,
                                const std::string& body = {});

/// The services that the names and shell patterns mean, sorted, each once. A name or pattern that means none
/// is a usage failure with the nearest name. No patterns: none, or every one with `all`.
[[nodiscard]] result<std::vector<std::string>> select(const core::fleet_view& fleet,
                                                      const std::vector<std::string>& patterns, bool all);

struct followed {
  verdict end;
  core::fleet_view fleet;
};

struct follow_plan {
  std::vector<std::string> shown;  ///< in the progress; empty: all
  clock::time_point deadline;
  std::function<verdict(const core::fleet_view&, bool deadline_passed)> judge;
};

/// Watches /v1/events until the judge has a verdict. A daemon that goes away first is a failure `no_daemon`.
[[nodiscard]] result<followed> follow(const context& in, const follow_plan& plan);

/// Says how it ended: `success` on standard output, or the culprits with their reasons (and the last log
/// lines of those that failed) on standard error; with --json one object.
[[nodiscard]] exit_code conclude(const context& in, const followed& how, std::string_view success);

/// The last `lines` log lines of each; empty for a service whose log cannot be read.
[[nodiscard]] log_tails last_lines(transport& daemon, const std::vector<std::string>& names, unsigned lines);

}  // namespace workspaced::ctl
