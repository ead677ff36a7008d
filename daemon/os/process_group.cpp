#include "os/process_group.hpp"

#include "os/process_facts.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace workspaced::os {
namespace {

constexpr unsigned to_process_group = 1U << 2;  // PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9

}  // namespace

bool signal_process_group(int pidfd, pid_t leader, int signal) {
  if (::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, to_process_group) == 0) return true;
  if (errno == ESRCH) return false;
  // An older kernel says EINVAL, a sandbox that does not know the call ENOSYS or EPERM.
  return leader > 0 && (::kill(-leader, signal) == 0 || errno == EPERM);
}

bool group_has_the_living(pid_t group) {
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc", error), end; !error && at != end;
       at.increment(error)) {
    const auto place = place_of(static_cast<pid_t>(std::atoi(at->path().filename().c_str())));
    if (place && place->group == group && place->state != 'Z' && place->state != 'X') return true;
  }
  return static_cast<bool>(error);  // without /proc, nobody is declared dead
}

}  // namespace workspaced::os
