#include "os/foreign_exit.hpp"

#include "os/files.hpp"
#include "os/process_tree.hpp"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

namespace workspaced::os {
namespace {

// linux/pidfd.h of Linux 6.15; Debian 12 has an older one.
struct pidfd_info {
  std::uint64_t mask = 0;
  std::uint64_t cgroup = 0;
  std::uint32_t ids[11] = {};
  std::int32_t exit_code = 0;
};
static_assert(sizeof(pidfd_info) == 64);  // PIDFD_INFO_SIZE_VER0: a part of the request's number
constexpr std::uint64_t info_exit = 1U << 3;
const unsigned long get_info = _IOWR(0xFF, 11, pidfd_info);

core::exit_status from_wait_status(int status) {
  if (WIFSIGNALED(status)) return core::signaled{WTERMSIG(status), WCOREDUMP(status) != 0};
  return core::exited{WEXITSTATUS(status)};
}

/// Field 52 of proc(5), for a zombie. It is always 0 for those whom we may not trace.
std::optional<int> status_of_zombie(const core::process_row& which) {
  const auto text = read_whole("/proc/" + std::to_string(which.pid) + "/stat", 4096);
  if (!text) return std::nullopt;
  const auto end = text->rfind(')');
  if (end == std::string::npos || text->compare(end, 3, ") Z") != 0) return std::nullopt;
  const auto now = row_of(which.pid);
  if (!now || now->started != which.started) return std::nullopt;
  struct stat found {};
  if (::stat(("/proc/" + std::to_string(which.pid)).c_str(), &found) != 0) return std::nullopt;
  if (::geteuid() != 0 && found.st_uid != ::geteuid()) return std::nullopt;
  return std::atoi(text->c_str() + text->find_last_of(' ') + 1);
}

}  // namespace

core::exit_status exit_of_foreign(int pidfd, const core::process_row& which) {
  if (const auto status = status_of_zombie(which)) return from_wait_status(*status);
  pidfd_info info;
  info.mask = info_exit;
  if (::ioctl(pidfd, get_info, &info) == 0 && (info.mask & info_exit) != 0)
    return from_wait_status(info.exit_code);
  return core::unseen{};
}

}  // namespace workspaced::os
