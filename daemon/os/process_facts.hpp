// What the operating system says of processes and peers, and the few settings of our own process.
#pragma once

#include "core/snapshot.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace workspaced::os {

/// CPU time, resident memory and open descriptors of one process, from /proc. Empty when it is gone. The
/// descriptors of another user's process cannot be counted: 0.
[[nodiscard]] std::optional<core::process_usage> usage_of(pid_t pid);

/// Where a process stands: its state letter as in proc(5) and the process group it belongs to. Empty when it
/// is gone.
struct process_place {
  char state = '?';
  pid_t group = 0;
};
[[nodiscard]] std::optional<process_place> place_of(pid_t pid);

/// Start of a process in seconds since the epoch; virtual size in bytes. For the standard process_* metrics.
struct process_origin {
  double started = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t most_fds = 0;
};
[[nodiscard]] process_origin origin_of_self();

/// Makes sure that the descriptors 0, 1 and 2 are open, on /dev/null if need be: a file opened later must not
/// become our stderr.
void open_standard_descriptors();

/// Names the life of this machine or container: within it numbers of processes and monotonic times mean the
/// same. Made of the boot, the PID namespace and the start of its first process.
[[nodiscard]] std::string machine_epoch();

/// 64 random bits from the kernel.
[[nodiscard]] std::uint64_t random_seed();
/// `bytes` random bytes from the kernel.
[[nodiscard]] std::string random_bytes(std::size_t bytes);

}  // namespace workspaced::os
