// One command as a container's first process, without a configuration: `workspaced -- command args`.
#pragma once

#include "core/model.hpp"

#include <string>
#include <vector>

namespace workspaced::app {

/// Starts the command with our own stdin, stdout and stderr in a session of its own, passes every signal that
/// may be meant for it on to it, reaps whoever is handed to us, and returns the code to end with: its exit
/// code, or 128 and the signal that killed it; 127 when there is no such program, 126 when it cannot be
/// executed. What it leaves behind is killed.
[[nodiscard]] int run_single(const std::vector<std::string>& command,
                             const core::environment_map& environment);

}  // namespace workspaced::app
