// How much of the container, or of its node, is in use: from cgroup v2, v1, or /proc where no cgroup limits
// us.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace workspaced::ctl {

/// The content of a file; nothing when there is none.
using file_reader = std::function<std::optional<std::string>(const std::string& path)>;

struct share {
  double used = 0;
  double total = 0;
  bool operator==(const share&) const = default;
};

/// In bytes. Of the container: what Kubernetes counts, without the page cache that can be given up at once
/// ("working set"); the total is the tightest limit on the way to the root of the cgroups, or the node's
/// memory.
[[nodiscard]] std::optional<share> memory_of(const file_reader& files, bool of_host);
/// In bytes; nothing without swap. Always the node's.
[[nodiscard]] std::optional<share> swap_of(const file_reader& files);

/// CPU seconds used since some moment, and cores that may be used.
[[nodiscard]] std::optional<share> cpu_of(const file_reader& files, bool of_host);

/// Processes that the kernel killed for want of memory, since the container started.
[[nodiscard]] std::optional<std::uint64_t> oom_kills_of(const file_reader& files);
/// The share of the scheduler's periods in which the limit of CPU time was used up; nothing without a limit.
[[nodiscard]] std::optional<double> throttled_of(const file_reader& files);

/// "0.52 0.48 0.40"
[[nodiscard]] std::optional<std::string> load_of(const file_reader& files);
[[nodiscard]] double cores_of_host(const file_reader& files);

}  // namespace workspaced::ctl
