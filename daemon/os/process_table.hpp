// All children of the daemon: started here, signalled here, reaped here and nowhere else.
//
// A child's end is seen by its pidfd, and by SIGCHLD when that comes first; both lead to the same reaping. As
// subreaper (or PID 1) the daemon also inherits orphans, which are reaped unseen: there is never a zombie.
//
// What belongs to a child is its process group and whoever has left it: by setsid, by a double fork, by both
// (core/process_tree.hpp). Whoever loses the last parent below us becomes our own child, so without an
// unknown child nobody has escaped, and that is all that is looked at as a rule. An orphan that has cleared
// its environment as well before it was seen is a stranger (`end_strangers`), unless a cgroup holds it.
#pragma once

#include "core/exit_status.hpp"
#include "os/cgroup.hpp"
#include "os/process_tree.hpp"
#include "os/spawn.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace workspaced::os {

struct exit_handlers {
  /// The child has ended and is reaped. `group_alive`: others that belong to it are left; `group_gone`
  /// follows.
  std::function<void(core::exit_status status, bool group_alive)> exited;
  /// The last of them is gone. Called only after `exited(…, true)`, once; may be empty.
  std::function<void()> group_gone;
};

/// What is left of a run that an earlier daemon started.
struct found_run {
  std::optional<core::process_row> leader;  ///< its first process, also as a zombie; empty: it is gone
  std::vector<core::process_row> others;    ///< who else is known to belong to it
  std::string marker;                       ///< as in `spawn_request`
  std::unique_ptr<cgroup> home{};           ///< its cgroup; null: it has none
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
  /// `home` is its cgroup, if it has one: whoever is in there belongs to it.
  [[nodiscard]] boost::system::result<pid_t, spawn_error> start(spawn_request request, exit_handlers handlers,
                                                                std::unique_ptr<cgroup> home = nullptr);

  /// Takes over a run of which something is left. Who is not our child is told from whoever has his number
  /// later by the moment of his start; how he ends is known where the kernel says so (os/foreign_exit.hpp).
  /// `exited` is told only when there is a leader, `group_gone` after that, or at once when there is nobody.
  /// Returns by which number to signal it.
  [[nodiscard]] pid_t adopt(found_run run, exit_handlers handlers);

  /// Sends a signal to the whole process group of a child started here, also while only others are left.
  /// Those who have left the group get it when the child has ended, as it may want to end them itself;
  /// SIGKILL at once. False when nobody is there. Never reaches a stranger: a child's number is not used
  /// again before its group is gone, and the others are told by the moment of their start.
  bool signal_group(pid_t leader, int signal);

  /// Living children that nobody started here and that belong to no child of ours: whom the kernel handed to
  /// us. Sends them the signal; returns how many there are.
  std::size_t end_strangers(int signal);

  /// SIGKILL to the groups of all children but these: before we become another program, which would not know
  /// them.
  void end_all_but(const std::set<pid_t>& these);

  /// A child, or an adopted leader, of that number has not been told to have ended.
  [[nodiscard]] bool knows(pid_t pid) const { return children_.contains(pid); }

  /// Children whose end, or whose group's end, has not been told yet.
  [[nodiscard]] std::size_t size() const { return children_.size(); }

 private:
  struct child {
    child(boost::asio::io_context& loop, pid_t number, exit_handlers told);

    pid_t pid;
    boost::asio::posix::stream_descriptor pidfd;
    exit_handlers handlers;
    std::string marker;
    std::unique_ptr<cgroup> home;
    std::optional<core::process_row> foreign{};  ///< the leader, when an earlier daemon started it
    bool adopted = false;
    bool leader_gone = false;
    int last_signal = 0;                      ///< for those who are found later
    std::vector<core::process_row> others{};  ///< known members outside of its group and inside
  };
  using child_ptr = std::shared_ptr<child>;
  enum class look { quick, thorough };

  void watch(const child_ptr& subject);
  void collect(const child_ptr& subject);
  void leader_ended(const child_ptr& subject, core::exit_status how);
  void await_sigchld();
  void reap_all();
  void check_leftovers(look how);
  void find_others(child& subject, const std::vector<core::process_row>& all) const;
  [[nodiscard]] std::set<int> marked_of(const child& subject,
                                        const std::vector<core::process_row>& all) const;
  [[nodiscard]] bool may_have_escaped(const child& subject) const;
  static bool signal_group_of(child& subject, int signal);
  [[nodiscard]] const std::vector<core::process_row>& recent_processes();
  [[nodiscard]] std::vector<pid_t> unknown_children() const;
  [[nodiscard]] static bool has_group(child& subject, look how);
  [[nodiscard]] bool has_others(child& subject, look how) const;
  void poll_leftovers(std::chrono::milliseconds pause);

  boost::asio::io_context& loop_;
  boost::asio::signal_set sigchld_;
  boost::asio::steady_timer leftover_timer_;
  bool leftovers_ = false;  ///< some leader is gone, its group is not
  unsigned polls_ = 0;
  std::map<pid_t, child_ptr> children_;
  pid_t last_leaderless_ = 0;  ///< runs without a leader have numbers below zero
  std::vector<core::process_row> recent_;
  std::chrono::steady_clock::time_point recent_at_;
};

}  // namespace workspaced::os
