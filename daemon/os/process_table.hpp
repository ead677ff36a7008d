// All children of the daemon: started here, signalled here, reaped here and nowhere else.
//
// A child's end is seen by its pidfd, and by SIGCHLD when that comes first; both lead to the same reaping. As
// subreaper (or PID 1) the daemon also inherits orphans, which are reaped unseen: there is never a zombie.
#pragma once

#include "core/exit_status.hpp"
#include "os/spawn.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>

namespace workspaced::os {

struct exit_handlers {
  /// The child has ended and is reaped. `group_alive`: others of its process group are left; `group_gone`
  /// follows.
  std::function<void(core::exit_status status, bool group_alive)> exited;
  /// The last process of the group is gone. Called only after `exited(…, true)`, once; may be empty.
  std::function<void()> group_gone;
};

/// One per process: it owns SIGCHLD. The loop must not run any more when the table is gone.
class process_table {
 public:
  explicit process_table(boost::asio::io_context& loop);
  /// Reaps what has died until now: whoever inherits our children may not care for them.
  ~process_table();
  process_table(const process_table&) = delete;
  process_table& operator=(const process_table&) = delete;

  /// Starts a process (see `spawn`). The handlers are called from the loop, never from here, so an exit right
  /// after the start is not lost. They may start and signal processes.
  [[nodiscard]] boost::system::result<pid_t, spawn_error> start(const spawn_request& request,
                                                                exit_handlers handlers);

  /// Sends a signal to the whole process group of a child started here, also while only others of its group
  /// are left. False when nobody is there. Never reaches a stranger: a child's number is not used again
  /// before its group is gone, and a group that is gone is no longer known here.
  bool signal_group(pid_t leader, int signal);

  /// Children whose end, or whose group's end, has not been told yet.
  [[nodiscard]] std::size_t size() const { return children_.size(); }

 private:
  struct child {
    child(boost::asio::io_context& loop, pid_t number, exit_handlers told);

    pid_t pid;
    boost::asio::posix::stream_descriptor pidfd;
    exit_handlers handlers;
    bool leader_gone = false;
  };
  using child_ptr = std::shared_ptr<child>;
  enum class look { quick, thorough };

  void watch(const child_ptr& subject);
  void collect(const child_ptr& subject);
  void await_sigchld();
  void reap_all();
  void check_leftovers(look how);
  void poll_leftovers(std::chrono::milliseconds pause);

  boost::asio::io_context& loop_;
  boost::asio::signal_set sigchld_;
  boost::asio::steady_timer leftover_timer_;
  bool leftovers_ = false;  ///< some leader is gone, its group is not
  unsigned polls_ = 0;
  std::map<pid_t, child_ptr> children_;
};

}  // namespace workspaced::os
