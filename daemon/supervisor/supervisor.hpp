// The loop between the world and the core: what happens becomes an event, the fleet decides, and its orders
// are carried out here. No decision is taken in this room, and nothing in it blocks.
//
// One order queue: orders that arise while orders are carried out (a spawn that fails at once) wait for their
// turn, so they are carried out in the order in which the fleet gave them. One timer: the fleet's earliest
// deadline.
#pragma once

#include "core/fleet.hpp"
#include "core/snapshot.hpp"
#include "holder/holder.hpp"
#include "logs/service_log.hpp"
#include "os/cgroup.hpp"
#include "os/process_table.hpp"
#include "os/unique_fd.hpp"
#include "state/journal.hpp"
#include "supervisor/hook_runner.hpp"
#include "supervisor/probe_runner.hpp"
#include "supervisor/timetable.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace workspaced::supervisor {

struct options {
  std::string log_dir;              ///< absolute
  std::string fifo_dir;             ///< absolute; exists, private to us
  std::string schedule_dir;         ///< absolute: when tasks with a schedule were started last
  core::environment_map inherited;  ///< the environment that services get below their own
  std::string journal;              ///< absolute: what is remembered for the next daemon
  std::string holder;               ///< absolute: the socket of who holds the FIFOs while no daemon runs
  std::string instance;    ///< names the daemons of this state directory in what marks their processes
  std::uint64_t seed = 0;  ///< for jitter
};

/// Whoever speaks with services over their stdin and stdout.
struct stdio_port {
  std::function<void(const std::string& service, std::uint64_t run, os::unique_fd to, os::unique_fd from)>
      attach;
  std::function<void(const std::string& service)> detach;
  std::function<boost::asio::awaitable<checks::probe_result>(std::string service)> ask;
};

class supervisor {
 public:
  /// Told after a service changed its state. May call back into the supervisor.
  using change_listener = std::function<void(const std::string& service, const core::state_changed& what)>;

  supervisor(boost::asio::io_context& loop, options settings);
  supervisor(const supervisor&) = delete;
  supervisor& operator=(const supervisor&) = delete;

  /// Goes on with what an earlier daemon left running and with what it had written down, as far as `services`
  /// still know of it. Once, before the first `configure`, which then compares it as at a reload.
  void resume(const core::service_map& services);

  /// The first configuration, or the next one: only what differs is touched (`core::plan_reload`).
  void configure(const core::service_map& services, core::renewal why = core::renewal::reload);
  [[nodiscard]] core::reload_plan plan(const core::service_map& services) const;

  /// Requests by name; the names must be known.
  void start(const std::vector<std::string>& names);
  void stop(const std::vector<std::string>& names);
  void restart(const std::vector<std::string>& names);

  /// Stops everything in order. `done` is called once, when no process of any service is left.
  void shutdown(std::function<void()> done);

  /// Takes part in nothing any more, and ends what the next program would not know: hooks and probes. For the
  /// last moment before we become another program; services are left as they are.
  void hand_over();

  /// Called when the end of a service is to be the end of the daemon, with the daemon's exit code.
  void on_end_of_daemon(std::function<void(int code, const std::string& reason)> listener) {
    end_daemon_ = std::move(listener);
  }

  void serve_stdio(stdio_port port);
  /// For others who start short commands.
  [[nodiscard]] os::process_table& processes() { return processes_; }

  void on_change(change_listener listener) { listeners_.push_back(std::move(listener)); }

  [[nodiscard]] bool knows(const std::string& name) const { return fleet_.knows(name); }
  [[nodiscard]] bool shutting_down() const { return fleet_.shutting_down(); }
  [[nodiscard]] std::vector<std::string> names() const { return fleet_.names(); }
  [[nodiscard]] core::service_view view(const std::string& name) const;
  [[nodiscard]] std::vector<core::service_view> views() const;
  [[nodiscard]] std::vector<core::probe_statistics> probe_statistics() const { return probes_.statistics(); }

  /// What its process is given, or would be; fails with a sentence, as when there is no such user.
  [[nodiscard]] boost::system::result<core::environment_map, std::string> environment_of(
      const std::string& name) const;

  /// The log of a service, opened with its first run; null before.
  [[nodiscard]] std::shared_ptr<logs::service_log> log_of(const std::string& name) const;
  [[nodiscard]] std::string log_file(const std::string& name) const;

 private:
  struct process {
    core::run_id run;
    pid_t handle = 0;           ///< for `process_table::signal_group`
    std::uint64_t started = 0;  ///< clock ticks since boot
  };
  struct leftover;  // of a service that an earlier daemon ran (resume.cpp)

  void tell(const std::string& name, const core::event& what);
  void carry_out(core::orders list);
  void work();
  void obey(const std::string& name, const core::spawn_process& what);
  void obey(const std::string& name, const core::signal_group& what);
  void obey(const std::string& name, const core::run_probe& what);
  void obey(const std::string& name, const core::cancel_probes& what);
  void obey(const std::string& name, const core::run_hook& what);
  void obey(const std::string& name, const core::cancel_hooks& what);
  void obey(const std::string& name, const core::end_daemon& what);
  void obey(const std::string& name, const core::state_changed& what);

  [[nodiscard]] logs::service_log* open_log(const std::string& name, std::string& problem);
  /// The ends of the pipes that the child gets, or those of the log.
  struct child_ends {
    os::unique_fd in;
    os::unique_fd out;
    os::unique_fd err;
    os::unique_fd to_it;    // ours, with stdio
    os::unique_fd from_it;  // ours, with stdio
  };
  [[nodiscard]] std::optional<child_ends> ends_for(const core::service_spec& spec, logs::service_log& log,
                                                   std::string& problem);
  [[nodiscard]] os::exit_handlers watch(const std::string& name, core::run_id run);
  void ended(const std::string& name);
  void forget_removed();
  void remember(const std::string& name);
  [[nodiscard]] std::unique_ptr<os::cgroup> group_for(const core::service_spec& spec, core::run_id run);
  [[nodiscard]] std::string marker_of(const core::service_spec& spec, core::run_id run) const;
  void find_groups(std::map<std::string, leftover>& all) const;
  [[nodiscard]] core::orders resume_one(const core::service_spec& spec, leftover left);
  void arm();
  void finish_shutdown();

  boost::asio::io_context& loop_;
  options settings_;
  core::fleet fleet_;
  boost::system::result<os::cgroup_parent, std::string>
      groups_;  ///< before the table: its groups are removed first
  os::process_table processes_;
  probe_runner probes_;
  hook_runner hooks_;
  timetable timetable_;
  state::journal journal_;
  holder::holder holder_;
  boost::asio::steady_timer timer_;
  core::time_point armed_for_ = core::time_point::max();
  std::deque<core::order> queue_;
  bool busy_ = false;
  bool handed_over_ = false;
  std::uint64_t forgotten_ = 0;
  std::map<std::string, process> running_;
  std::map<std::string, std::shared_ptr<logs::service_log>> logs_;
  std::map<std::string, std::vector<std::string>> warnings_;  ///< of the current or last run
  std::vector<change_listener> listeners_;
  std::function<void()> when_down_;
  unsigned strangers_rounds_ = 0;
  stdio_port stdio_;
  std::function<void(int, const std::string&)> end_daemon_;
};

}  // namespace workspaced::supervisor
