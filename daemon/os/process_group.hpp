// Signals to process groups, and whether anybody is left in one.
#pragma once

#include <sys/types.h>

namespace workspaced::os {

/// Sends `signal` to every process of the group whose leader is, or was, the process of `pidfd`; 0 only asks.
/// False when nobody is there. The group is named by the pidfd where the kernel can (Linux 6.9), so that a
/// number that is in use again is not mistaken for it; elsewhere by `leader`, its number; 0: not at all.
bool signal_process_group(int pidfd, pid_t leader, int signal);

/// False when all that is left of the group are zombies: kill(2) still finds those, and they stay for as long
/// as their own parent, outside the group, does not reap them. Reads all of /proc.
[[nodiscard]] bool group_has_the_living(pid_t group);

}  // namespace workspaced::os
