// Taking over from a daemon that died: what it wrote down and what still runs become the state to go on with.
#include "core/fingerprint.hpp"
#include "core/takeover.hpp"
#include "logs/daemon_log.hpp"
#include "os/process_tree.hpp"
#include "supervisor/run_mark.hpp"
#include "supervisor/supervisor.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace workspaced::supervisor {
namespace {

struct marked_member {
  run_mark mark;
  core::process_row row;
};

/// The first process of a run founds a session, and nobody of the run is older.
std::optional<core::process_row> first_of(const std::vector<marked_member>& members) {
  const auto older = [](const marked_member& a, const marked_member& b) {
    return std::pair(a.row.started, a.row.pid) < std::pair(b.row.started, b.row.pid);
  };
  const auto oldest = std::min_element(members.begin(), members.end(), older);
  if (oldest == members.end() || oldest->row.pid != oldest->row.session) return std::nullopt;
  return oldest->row;
}

/// The process that was written down, if it is still the same or can still be asked how it ended.
std::optional<core::process_row> remembered_leader(const state::record& memory) {
  const core::run* current = core::current_run(memory.state);
  if (current == nullptr || !current->pid || memory.leader_started == 0) return std::nullopt;
  const auto row = os::row_of(*current->pid);
  if (!row || row->started != memory.leader_started) return std::nullopt;
  return row;
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

struct supervisor::leftover {
  state::record memory;
  std::vector<marked_member> members;  ///< of any run of the service
  std::unique_ptr<os::cgroup> home;    ///< of `run()`

  /// The one to go on with; 0: none. Those before it are over.
  [[nodiscard]] std::uint64_t run() const {
    std::uint64_t last = core::run_to_find(memory.state);
    for (const marked_member& each : members) last = std::max(last, each.mark.run);
    return last;
  }
};

void supervisor::resume(const core::service_map& services) {
  std::map<std::string, leftover> all;
  for (auto& [name, memory] : journal_.open()) all[name].memory = std::move(memory);
  for (os::marked_process& each : os::find_marked(mark_prefix(settings_.instance))) {
    if (auto mark = parse_mark(each.mark)) {
      const std::string name = mark->service;
      all[name].members.push_back({std::move(*mark), each.row});
    }
  }
  find_groups(all);
  core::orders list;
  for (auto& [name, left] : all) {
    left.memory.service = name;
    const auto place = services.find(name);
    const bool known = place != services.end();
    if (!known && left.run() == 0) continue;
    const core::service_spec spec = known ? place->second : state::spec_for_removal(left.memory);
    for (core::order& each : resume_one(spec, std::move(left))) list.push_back(std::move(each));
  }
  if (!running_.empty())
    logs::info("took over " + counted(running_.size(), "service") + " that an earlier daemon started");
  holder_.settle();
  carry_out(std::move(list));
}

/// Who is in the group of a run that is over has only not died yet.
void supervisor::find_groups(std::map<std::string, leftover>& all) const {
  if (!groups_) return;
  for (const std::string& name : groups_->names()) {
    const auto owner = parse_group_name(name);
    auto group = owner ? groups_->open(name) : nullptr;
    if (!group) continue;
    const auto place = all.find(owner->service);
    if (place != all.end() && place->second.run() == owner->run) {
      place->second.home = std::move(group);
    } else {
      group->kill();
    }
  }
}

void supervisor::hand_over() {
  handed_over_ = true;
  std::set<pid_t> stay;
  for (const auto& [name, running] : running_) stay.insert(running.handle);
  if (const auto pid = holder_.child()) stay.insert(*pid);
  processes_.end_all_but(stay);
}

core::orders supervisor::resume_one(const core::service_spec& spec, leftover left) {
  core::service& remembered = left.memory.state;
  const std::uint64_t run = left.run();
  if (run == 0 && remembered.runs == 0 && !remembered.wanted && !remembered.paused) return {};
  std::uint64_t made_from = left.memory.fingerprint;
  std::erase_if(left.members, [&](const marked_member& each) {
    if (each.mark.run == run) return false;
    os::signal_process(each.row, SIGKILL);  // of a run that is over
    return true;
  });
  const bool is_remembered = run == core::run_to_find(remembered);
  auto leader = is_remembered ? remembered_leader(left.memory) : std::nullopt;
  const bool pid_known = is_remembered && left.memory.leader_started != 0;
  if (!leader && !pid_known) leader = first_of(left.members);
  if (!left.members.empty()) made_from = left.members.front().mark.fingerprint;

  os::found_run found{
      leader, {}, mark_prefix(settings_.instance) + to_text(run_mark{spec.name, run, made_from})};
  for (const marked_member& each : left.members) {
    if (!leader || each.row.pid != leader->pid) found.others.push_back(each.row);
  }
  const bool in_group = left.home && left.home->populated();
  found.home = std::move(left.home);
  std::optional<core::run_remains> remains;
  if (leader || in_group || !found.others.empty()) {
    remains = core::run_remains{run, std::nullopt, in_group || !found.others.empty()};
    if (leader) remains->leader = leader->pid;
    const std::uint64_t started = leader ? leader->started : 0;
    const core::run_id id{run};
    running_[spec.name] = process{id, processes_.adopt(std::move(found), watch(spec.name, id)), started};
  }
  core::takeover next = core::take_over(std::move(remembered), remains, std::chrono::steady_clock::now());
  // The pipes over which it was spoken with ended with the daemon.
  const bool outdated = spec.stdio || made_from != core::process_fingerprint(spec);
  auto list =
      fleet_.restore(spec, std::move(next.state), next.since, outdated, std::chrono::steady_clock::now());
  std::string problem;
  if (logs::service_log* log = open_log(spec.name, problem)) {
    if (!remains) log->drain();
  } else {
    logs::warning(problem, spec.name);
  }
  return list;
}

}  // namespace workspaced::supervisor
