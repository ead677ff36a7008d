// Starting a process, without a copy of our page tables and with a failure that says which step failed.
#pragma once

#include "os/identity.hpp"
#include "os/spawn_error.hpp"
#include "os/unique_fd.hpp"

#include <boost/system/result.hpp>

#include <sys/types.h>

#include <string>
#include <vector>

namespace workspaced::os {

struct limit_setting {
  int resource = 0;  ///< RLIMIT_NOFILE and its kin
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

/// What the process is given before it becomes its program; nothing: as ours.
struct process_settings {
  std::optional<identity> who;
  std::vector<limit_setting> limits;
  std::optional<mode_t> umask;
  std::optional<int> nice;
  std::optional<int> oom_score_adj;
  bool no_new_privs = false;
};

/// The number of a limit by its name in prlimit(1), "nofile"; -1 when there is none.
[[nodiscard]] int resource_named(const std::string& name);

struct spawn_request {
  std::vector<std::string> argv;         ///< argv[0] without a slash is looked up in `environment`'s PATH
  std::vector<std::string> environment;  ///< "NAME=value": all that the child gets
  std::string working_dir;               ///< empty: ours
  int stdin_fd = -1;                     ///< -1: /dev/null, as for the others
  int stdout_fd = -1;
  int stderr_fd = -1;
  int cgroup_fd = -1;  ///< the entrance of a cgroup (os/cgroup.hpp); who cannot enter it starts without it
  process_settings settings;
  std::string marker;  ///< one of `environment`: who carries it belongs to this process; empty: none does
};

struct spawned_process {
  pid_t pid = 0;
  unique_fd pidfd;
};

/// Starts a process in a session and process group of its own (pid == pgid == sid), with exactly the
/// descriptors 0, 1 and 2, default dispositions of all signals, an empty signal mask, and the soft
/// RLIMIT_NOFILE that we were started with unless `settings` say otherwise. The working directory is entered
/// as the user that the process is to be: it may be closed to us. Returns when the new program runs; a failed
/// start leaves no child behind. Blocks for as long as execve(2) does, which is short unless the file lies on
/// a hung mount. Needs Linux 5.4 (pidfd).
[[nodiscard]] boost::system::result<spawned_process, spawn_error> spawn(const spawn_request& request);

/// Raises our soft limit of descriptors to the hard one and remembers the old one for children. Call once at
/// start.
void raise_fd_limit();
/// As before `raise_fd_limit`: for who becomes another program.
void lower_fd_limit();

}  // namespace workspaced::os
