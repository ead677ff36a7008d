// How a process ended that is not our child.
#pragma once

#include "core/exit_status.hpp"
#include "core/process_tree.hpp"

namespace workspaced::os {

/// For a process whose pidfd has become readable. From /proc while its parent has not reaped it, from the
/// pidfd after that (Linux 6.15, PIDFD_INFO_EXIT); `unseen` where neither is to be had.
[[nodiscard]] core::exit_status exit_of_foreign(int pidfd, const core::process_row& which);

}  // namespace workspaced::os
