// How a process ended. A variant, because "exit 9" and "killed by signal 9" are different things.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace workspaced::core {

struct exited {
  int code = 0;
  bool operator==(const exited&) const = default;
};
struct signaled {
  int signal = 0;
  bool core_dumped = false;
  bool operator==(const signaled&) const = default;
};
/// It ended, and nobody who was told how is left: its daemon had died, and it was not our child.
struct unseen {
  bool operator==(const unseen&) const = default;
};
using exit_status = std::variant<exited, signaled, unseen>;

/// True when the process left by itself with one of `success_codes`.
[[nodiscard]] bool is_success(const exit_status& status, const std::vector<int>& success_codes);

/// "exit code 3", "killed by SIGKILL", "killed by SIGSEGV (core dumped)", "ended unseen".
[[nodiscard]] std::string describe(const exit_status& status);

/// The code as a shell shows it: the exit code, or 128 + signal; 1 for an end that nobody saw.
[[nodiscard]] int shell_code(const exit_status& status);

/// "TERM" for 15; "RTMIN+3" style for real-time signals; the number as text when unknown.
[[nodiscard]] std::string signal_name(int signal);

/// "TERM", "SIGTERM", "term", "15" -> 15; 0 when it is no signal.
[[nodiscard]] int signal_number(const std::string& name);

}  // namespace workspaced::core
