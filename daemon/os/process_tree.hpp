// The processes of the machine, as far as they may belong to our children.
#pragma once

#include "core/process_tree.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace workspaced::os {

/// All living processes; zombies are none. Reads all of /proc: a millisecond for a few hundred.
[[nodiscard]] std::vector<core::process_row> read_processes();

/// Our own children, dead ones that wait to be reaped among them. Cheap where the kernel keeps a list of them
/// (CONFIG_PROC_CHILDREN).
[[nodiscard]] std::vector<pid_t> children_of_ours();

[[nodiscard]] bool is_living(pid_t pid);

/// Dead, or so near to its end that its environment cannot be read any more, and its children are not yet
/// somebody else's. Not when it hangs there, on a file system that does not answer.
[[nodiscard]] bool is_leaving(pid_t pid);

/// The process that has this number now, a zombie too; empty: nobody.
[[nodiscard]] std::optional<core::process_row> row_of(pid_t pid);

/// A living process that carries an entry of a certain kind in its environment, and what that says.
struct marked_process {
  core::process_row row;
  std::string mark;
};
/// All whose environment has an entry that begins with `prefix`, as far as we may read it; `mark` is what
/// follows the prefix.
[[nodiscard]] std::vector<marked_process> find_marked(const std::string& prefix);

/// True when the process was given exactly this entry ("NAME=value") in its environment, as far as we may
/// read it.
[[nodiscard]] bool has_in_environment(pid_t pid, const std::string& entry);

/// Sends the signal to that very process, never to another one that has its number now. False when it is
/// gone.
bool signal_process(const core::process_row& which, int signal);

}  // namespace workspaced::os
