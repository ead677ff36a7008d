#include "os/process_table.hpp"

#include "os/foreign_exit.hpp"
#include "os/process_group.hpp"
#include "os/unique_fd.hpp"

#include <boost/asio/post.hpp>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace workspaced::os {
namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 10ms;
constexpr auto longest_pause = 100ms;
constexpr unsigned polls_per_thorough_look = 10;
constexpr auto fresh = 5ms;
constexpr int most_looks = 32;

core::exit_status status_of(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return core::exited{info.si_status};
  return core::signaled{info.si_status, info.si_code == CLD_DUMPED};
}

void reap(pid_t pid, int options) {
  while (::waitpid(pid, nullptr, options) > 0) {
  }
}

/// `all`, and those among `these` who were born after it was read.
std::vector<core::process_row> with_rows_of(const std::set<int>& these, std::vector<core::process_row> all) {
  for (const int pid : these) {
    const bool known =
        std::any_of(all.begin(), all.end(), [pid](const auto& each) { return each.pid == pid; });
    if (const auto row = known ? std::nullopt : row_of(pid)) all.push_back(*row);
  }
  return all;
}

}  // namespace

process_table::child::child(boost::asio::io_context& loop, pid_t number, exit_handlers told)
    : pid(number), pidfd(loop), handlers(std::move(told)) {}

process_table::process_table(boost::asio::io_context& loop)
    : loop_(loop), sigchld_(loop, SIGCHLD), leftover_timer_(loop) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  await_sigchld();
  // A shell that became us by exec may have left children that died before anybody listened.
  boost::asio::post(loop_, [this] { reap_all(); });
}

process_table::~process_table() { reap(-1, WNOHANG); }

boost::system::result<pid_t, spawn_error> process_table::start(spawn_request request, exit_handlers handlers,
                                                               std::unique_ptr<cgroup> home) {
  if (home) request.cgroup_fd = home->entrance();
  auto process = spawn(request);
  if (!process) return process.error();
  auto subject = std::make_shared<child>(loop_, process->pid, std::move(handlers));
  boost::system::error_code error;
  subject->pidfd.assign(process->pidfd.get(), error);
  if (error) {  // no memory for one more descriptor in epoll
    ::kill(-process->pid, SIGKILL);
    reap(process->pid, 0);
    return spawn_error{spawn_step::clone, error.value(), request.argv[0]};
  }
  static_cast<void>(process->pidfd.release());
  subject->marker = std::move(request.marker);
  subject->home = std::move(home);
  children_[subject->pid] = subject;
  watch(subject);
  return subject->pid;
}

pid_t process_table::adopt(found_run run, exit_handlers handlers) {
  const pid_t number = run.leader ? run.leader->pid : --last_leaderless_;
  auto subject = std::make_shared<child>(loop_, number, std::move(handlers));
  subject->adopted = true;
  subject->marker = std::move(run.marker);
  subject->home = std::move(run.home);
  subject->others = std::move(run.others);
  subject->foreign = run.leader;
  children_[number] = subject;
  if (!run.leader) {
    subject->leader_gone = true;
    leftovers_ = true;
    poll_leftovers(first_pause);
    return number;
  }
  unique_fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, number, 0)));
  const auto now = row_of(number);  // after the open: who has the number now is who was opened
  boost::system::error_code error;
  if (pidfd && now && now->started == run.leader->started) subject->pidfd.assign(pidfd.get(), error);
  if (subject->pidfd.is_open()) {
    static_cast<void>(pidfd.release());
    watch(subject);
  } else {
    boost::asio::post(loop_, [this, subject] { leader_ended(subject, core::unseen{}); });
  }
  return number;
}

bool process_table::signal_group(pid_t leader, int signal) {
  const auto place = children_.find(leader);
  if (place == children_.end()) return false;
  child& subject = *place->second;
  subject.last_signal = signal;
  // Who is known before its parent ends, which is what the signal brings about, stays known. Many are stopped
  // at once, and may share a look; who must die is looked for anew.
  if (signal != 0 && !subject.marker.empty())
    find_others(subject, signal == SIGKILL ? read_processes() : recent_processes());
  bool reached = signal_group_of(subject, signal);
  if (signal != SIGKILL && !subject.leader_gone) return reached;
  if (signal == SIGKILL && subject.home && subject.home->populated()) {
    subject.home->kill();
    reached = true;
  }
  for (const core::process_row& each : subject.others) reached |= signal_process(each, signal);
  return reached;
}

std::size_t process_table::end_strangers(int signal) {
  const std::vector<pid_t> strangers = unknown_children();
  for (const pid_t each : strangers) ::kill(each, signal);  // our children: nobody else reaps their numbers
  return strangers.size();
}

void process_table::end_all_but(const std::set<pid_t>& these) {
  for (const auto& [number, subject] : children_) {
    if (!these.contains(number)) signal_group_of(*subject, SIGKILL);
  }
}

/// Living children that were not started here. Who died while we looked may have left us his own: look again.
/// For those who do that for ever the dead of the last look stand, as whoever is on his way out.
std::vector<pid_t> process_table::unknown_children() const {
  std::set<pid_t> dead;
  for (int round = 1;; ++round) {
    std::vector<pid_t> unknown = children_of_ours();
    bool somebody_died = false;
    std::erase_if(unknown, [&](pid_t pid) {
      const auto place = children_.find(pid);
      if (place != children_.end() && !place->second->leader_gone) return true;
      if (is_living(pid)) return false;
      const bool died_now = dead.insert(pid).second;
      somebody_died |= died_now;
      return !died_now || round < most_looks;
    });
    if (!somebody_died || round == most_looks) return unknown;
  }
}

const std::vector<core::process_row>& process_table::recent_processes() {
  const auto now = std::chrono::steady_clock::now();
  if (now - recent_at_ > fresh) {
    recent_ = read_processes();
    recent_at_ = now;
  }
  return recent_;
}

/// The number of a child, and of its group, is not used again before the last of the group is gone. That of
/// another's child may be as soon as it has ended, so then only the kernel may name the group.
bool process_table::signal_group_of(child& subject, int signal) {
  const bool ended = subject.leader_gone || (subject.foreign && !signal_process(*subject.foreign, 0));
  return signal_process_group(subject.pidfd.native_handle(), subject.adopted && ended ? 0 : subject.pid,
                              signal);
}

/// Orphans of what we started are handed to us; those of what an earlier daemon started to somebody else.
bool process_table::may_have_escaped(const child& subject) const {
  if (subject.home && subject.home->populated()) return true;
  return !subject.marker.empty() && (subject.adopted || !unknown_children().empty());
}

std::set<int> process_table::marked_of(const child& subject,
                                       const std::vector<core::process_row>& all) const {
  std::set<int> marked;
  if (subject.home) {
    for (const pid_t each : subject.home->members()) marked.insert(each);
  }
  if (subject.marker.empty()) return marked;
  // Who is on his way out shows nothing, and may yet leave us his own: he counts until the next look.
  for (const pid_t orphan : unknown_children()) {
    if (has_in_environment(orphan, subject.marker) || is_leaving(orphan)) marked.insert(orphan);
  }
  if (subject.adopted) {
    for (const core::process_row& each : all) {
      if (has_in_environment(each.pid, subject.marker)) marked.insert(each.pid);
    }
  }
  return marked;
}

void process_table::find_others(child& subject, const std::vector<core::process_row>& all) const {
  core::run_traces run;
  if (subject.adopted) {
    if (subject.foreign && signal_process(*subject.foreign, 0)) run.leader = subject.pid;
  } else if (!subject.leader_gone || signal_group_of(subject, 0)) {
    run.leader = subject.pid;
  }
  run.known = std::move(subject.others);
  run.marked = marked_of(subject, all);
  subject.others = core::members_of(with_rows_of(run.marked, all), run);
  std::erase_if(subject.others,
                [&subject](const core::process_row& each) { return each.pid == subject.pid; });
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
  const auto number = static_cast<id_t>(subject->pid);
  if (::waitid(P_PID, number, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
    return leader_ended(subject, exit_of_foreign(subject->pidfd.native_handle(), *subject->foreign));
  if (info.si_pid == 0) return watch(subject);  // woken for nothing
  leader_ended(subject, status_of(info));
}

void process_table::leader_ended(const child_ptr& subject, core::exit_status how) {
  // Until it is reaped its number, which is that of its session, cannot be another's.
  if (may_have_escaped(*subject)) find_others(*subject, read_processes());
  reap(subject->pid, WNOHANG);
  subject->leader_gone = true;
  // Its children that it never waited for are ours now, dead ones among them: they are nobody to wait for.
  reap(-subject->pid, WNOHANG);
  // Those who were outside of the group have not heard what it was told.
  std::erase_if(subject->others, [&subject](const core::process_row& each) {
    return !signal_process(each, subject->last_signal);
  });
  const bool group_alive = has_group(*subject, look::quick) || has_others(*subject, look::quick);
  if (group_alive) {
    leftovers_ = true;
    poll_leftovers(first_pause);
  } else {
    children_.erase(subject->pid);
  }
  subject->handlers.exited(how, group_alive);
}

void process_table::await_sigchld() {
  sigchld_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    await_sigchld();  // before reaping: a child that ends meanwhile signals again
    reap_all();
  });
}

/// SIGCHLD says "at least one": look at every dead child without reaping it, then give it to its owner, or
/// reap it here when it is an orphan that the kernel handed to us.
void process_table::reap_all() {
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) break;
    const auto place = children_.find(info.si_pid);
    if (place != children_.end() && !place->second->leader_gone) {
      collect(child_ptr(place->second));
    } else {
      reap(info.si_pid, WNOHANG);
    }
  }
  check_leftovers(look::quick);
}

void process_table::check_leftovers(look how) {
  if (!leftovers_) return;
  std::vector<child_ptr> gone;
  leftovers_ = false;
  for (const auto& [pid, subject] : children_) {
    if (!subject->leader_gone) continue;
    if (has_group(*subject, how) || has_others(*subject, how)) {
      leftovers_ = true;
    } else {
      gone.push_back(subject);
    }
  }
  if (!leftovers_) leftover_timer_.cancel();
  for (const child_ptr& subject : gone) children_.erase(subject->pid);
  for (const child_ptr& subject : gone) {
    if (subject->handlers.group_gone) subject->handlers.group_gone();
  }
}

/// Who is not our child may stay a zombie for a while, and a zombie is a member of its group.
bool process_table::has_group(child& subject, look how) {
  const bool quick = how == look::quick && !subject.adopted;
  return signal_group_of(subject, 0) && (quick || group_has_the_living(subject.pid));
}

/// Before the last one is declared gone, those are looked for whom the others have left to us meanwhile.
bool process_table::has_others(child& subject, look how) const {
  const auto alive = [](const core::process_row& each) { return signal_process(each, 0); };
  const bool some = std::any_of(subject.others.begin(), subject.others.end(), alive);
  if (some && how == look::quick) return true;
  const bool had = !subject.others.empty();
  if (had || may_have_escaped(subject)) find_others(subject, read_processes());
  if (subject.last_signal == SIGKILL) {
    if (subject.home) subject.home->kill();
    for (const core::process_row& each : subject.others) signal_process(each, SIGKILL);
  }
  return !subject.others.empty() || (subject.home && subject.home->populated());
}

/// The end of a process that is not our child reaches us by no signal: while there is such a group, look now
/// and then.
void process_table::poll_leftovers(std::chrono::milliseconds pause) {
  leftover_timer_.expires_after(pause);
  leftover_timer_.async_wait([this, pause](const boost::system::error_code& error) {
    if (error) return;
    check_leftovers(++polls_ % polls_per_thorough_look == 0 ? look::thorough : look::quick);
    if (leftovers_) poll_leftovers(std::min<std::chrono::milliseconds>(2 * pause, longest_pause));
  });
}

}  // namespace workspaced::os
