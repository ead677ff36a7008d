#include "os/process_table.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

namespace workspaced::os {
namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 10ms;
constexpr auto longest_pause = 100ms;

constexpr idtype_t by_pidfd = static_cast<idtype_t>(3);  // P_PIDFD; older headers lack the name
constexpr unsigned to_process_group = 1U << 2;           // PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9

core::exit_status status_of(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return core::exited{info.si_status};
  return core::signaled{info.si_status, info.si_code == CLD_DUMPED};
}

bool send_to_group(int pidfd, pid_t leader, int signal) {
  if (::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, to_process_group) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return errno == EPERM;
  return ::kill(-leader, signal) == 0 || errno == EPERM;
}

}  // namespace

process_table::child::child(boost::asio::io_context& loop, spawned_process process, exit_handlers told)
    : pid(process.pid), pidfd(loop, process.pidfd.release()), handlers(std::move(told)) {}

process_table::process_table(boost::asio::io_context& loop) : loop_(loop), sigchld_(loop, SIGCHLD), leftover_timer_(loop) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  await_sigchld();
}

boost::system::result<pid_t, spawn_error> process_table::start(const spawn_request& request, exit_handlers handlers) {
  auto process = spawn(request);
  if (!process) return process.error();
  auto subject = std::make_shared<child>(loop_, std::move(*process), std::move(handlers));
  children_[subject->pid] = subject;
  watch(subject);
  return subject->pid;
}

bool process_table::signal_group(pid_t leader, int signal) {
  const auto place = children_.find(leader);
  return place != children_.end() && send_to_group(place->second->pidfd.native_handle(), leader, signal);
}

void process_table::watch(const child_ptr& subject) {
  subject->pidfd.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                            [this, subject](const boost::system::error_code& error) {
                              if (!error) collect(subject);
                            });
}

void process_table::collect(const child_ptr& subject) {
  if (subject->leader_gone) return;
  siginfo_t info{};
  const auto fd = static_cast<id_t>(subject->pidfd.native_handle());
  if (::waitid(by_pidfd, fd, &info, WEXITED | WNOHANG) != 0) return;
  if (info.si_pid == 0) return watch(subject);         // woken for nothing
  subject->leader_gone = true;
  // The leader is reaped, so the group exists exactly as long as somebody else is in it.
  const bool group_alive = send_to_group(subject->pidfd.native_handle(), subject->pid, 0);
  if (group_alive) {
    poll_leftovers();
  } else {
    children_.erase(subject->pid);
  }
  subject->handlers.exited(status_of(info), group_alive);
}

void process_table::await_sigchld() {
  sigchld_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    await_sigchld();                                   // before reaping: a child that ends meanwhile signals again
    reap_all();
  });
}

/// SIGCHLD says "at least one": look at every dead child without reaping it, then give it to its owner, or reap it
/// here when it is an orphan that the kernel handed to us.
void process_table::reap_all() {
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) break;
    const auto place = children_.find(info.si_pid);
    if (place != children_.end() && !place->second->leader_gone) {
      collect(child_ptr(place->second));
    } else {
      ::waitpid(info.si_pid, nullptr, WNOHANG);
    }
  }
  check_leftovers();
}

void process_table::check_leftovers() {
  std::vector<child_ptr> gone;
  bool some_left = false;
  for (const auto& [pid, subject] : children_) {
    if (!subject->leader_gone) continue;
    const bool alive = send_to_group(subject->pidfd.native_handle(), pid, 0);
    alive ? static_cast<void>(some_left = true) : gone.push_back(subject);
  }
  if (!some_left) {
    leftover_pause_ = 0ms;
    leftover_timer_.cancel();
  }
  for (const child_ptr& subject : gone) children_.erase(subject->pid);
  for (const child_ptr& subject : gone) subject->handlers.group_gone();
}

/// The end of a process that is not our child reaches us by no signal: while there is such a group, look now and then.
void process_table::poll_leftovers() {
  leftover_pause_ = leftover_pause_ == 0ms ? first_pause : std::min<std::chrono::milliseconds>(2 * leftover_pause_, longest_pause);
  leftover_timer_.expires_after(leftover_pause_);
  leftover_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    check_leftovers();
    if (leftover_pause_ != 0ms) poll_leftovers();
  });
}

}  // namespace workspaced::os
