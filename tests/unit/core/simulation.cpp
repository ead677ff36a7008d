#include "unit/core/simulation.hpp"

#include "core/fleet.hpp"
#include "core/takeover.hpp"
#include "unit/core/random_fleet.hpp"

#include <algorithm>
#include <csignal>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

namespace simulation {
namespace {

using namespace workspaced::core;
using namespace std::chrono_literals;

struct violation {
  std::string what;
};

/// One run as the fake operating system knows it.
struct process {
  bool leader = true;
  bool group = true;
  bool ignores_term = false;
};

using run_key = std::pair<std::string, std::uint64_t>;

class world {
 public:
  world(std::uint64_t seed, unsigned steps)
      : luck_(seed), configurations_(luck_.next()), fleet_(luck_.next()), steps_(steps) {}

  report play() {
    try {
      services_ = configurations_.first();
      carry_out(fleet_.configure(services_, now_));
      note_followers();
      for (unsigned i = 0; i < steps_ && !ended_; ++i) happen();
      if (!ended_) calm_down();
      shut_down();
    } catch (const violation& broken) {
      std::ostringstream text;
      text << broken.what << " (at " << (now_.time_since_epoch() / 1ms) << " ms, event " << report_.events
           << ")";
      report_.violation = text.str();
    }
    return report_;
  }

 private:
  // --- what may happen
  // ------------------------------------------------------------------------------------------
  void happen() {
    switch (luck_.below(15)) {
      case 12: return some_hook_end();
      case 13: return luck_.chance(30) ? daemon_dies() : some_schedule();
      case 14: return luck_.chance(40) ? storm() : some_exit();
      case 0: return user_request();
      case 1: return luck_.chance(20) ? reload() : some_exit();
      case 2:
      case 3: return some_exit();
      case 4: return stale_news();
      case 5:
      case 6:
      case 7: return some_answer();
      default: return time_goes_by(luck_.up_to(luck_.chance(10) ? duration(4s) : duration(300ms)));
    }
  }

  std::string any_service() {
    const auto names = fleet_.names();
    return names.empty() ? std::string() : names[luck_.below(names.size())];
  }

  void user_request() {
    std::vector<std::string> names;
    for (const std::string& name : fleet_.names()) {
      if (services_.contains(name) && luck_.chance(40)) names.push_back(name);
    }
    if (names.empty()) return;
    switch (luck_.below(3)) {
      case 0: return carry_out(fleet_.start(names, now_));
      case 1: return carry_out(fleet_.stop(names, now_));
      default: return carry_out(fleet_.restart(names, now_));
    }
  }

  void reload() {
    service_map next = configurations_.after(services_);
    const reload_plan plan = plan_reload(services_, next);
    const auto let_go = no_longer_held(next);
    std::set<std::string> unchanged_ones;
    for (const std::string& name : plan.unchanged) {
      if (fleet_.knows(name) && !let_go.contains(name)) unchanged_ones.insert(name);
    }
    services_ = std::move(next);
    const renewal why = luck_.chance(30) ? renewal::edit : renewal::reload;
    carry_out(fleet_.configure(services_, now_, why), [&](const order& each) {
      const bool unchanged =
          unchanged_ones.contains(each.service) && fleet_.spec(each.service) == services_.at(each.service);
      if (unchanged && !follows(each.service) && std::holds_alternative<signal_group>(each.what)) {
        throw violation{"a reload signalled the unchanged service " + each.service};
      }
    });
    note_followers();
  }

  /// Those of whom somebody was a dependant and is none in `next`: what was asked of them may have waited for
  /// him.
  [[nodiscard]] std::set<std::string> no_longer_held(const service_map& next) const {
    std::set<std::string> all;
    for (const std::string& name : fleet_.names()) {
      const auto place = next.find(name);
      for (const auto& [other, needs] : fleet_.spec(name).depends_on) {
        if (place == next.end() || !place->second.depends_on.contains(other)) all.insert(other);
      }
    }
    return all;
  }

  /// A new run of something it needs is one of it, too.
  [[nodiscard]] bool follows(const std::string& name) const {
    const auto& needs = services_.at(name).depends_on;
    return std::any_of(needs.begin(), needs.end(), [](const auto& each) { return each.second.restart; });
  }

  /// Everybody else crashes, again and again, as fast as they may.
  void storm() {
    const std::string healthy = somebody_at_peace();
    if (!healthy.empty()) ++report_.storms;
    const auto run = healthy.empty() ? 0 : fleet_.state(healthy).runs;
    for (int round = 0; round < 5 && !ended_; ++round) {
      for (const auto& [key, subject] : std::map(processes_)) {
        if (key.first != healthy && processes_.contains(key) && subject.leader)
          end(key, signaled{SIGSEGV, false}, false);
      }
      time_goes_by(luck_.up_to(duration(500ms)));
    }
    if (!healthy.empty() && !ended_ && !processes_.contains({healthy, run}))
      throw violation{"a storm of others ended the run of " + healthy};
  }

  /// Ready, wanted, and with no reason to end that has to do with others. Empty: nobody.
  [[nodiscard]] std::string somebody_at_peace() const {
    for (const auto& [name, spec] : services_) {
      if (!fleet_.knows(name) || fleet_.spec(name) != spec || follows(name) || is_needed(name)) continue;
      const service& subject = fleet_.state(name);
      if (spec.kind == service_kind::service && subject.wanted && status_of(subject) == status::ready)
        return name;
    }
    return {};
  }

  [[nodiscard]] bool is_needed(const std::string& name) const {
    const auto names = fleet_.names();
    return std::any_of(names.begin(), names.end(), [&](const std::string& other) {
      return fleet_.spec(other).depends_on.contains(name);
    });
  }

  void some_exit() {
    if (processes_.empty()) return;
    auto place = processes_.begin();
    std::advance(place, static_cast<long>(luck_.below(processes_.size())));
    end(place->first,
        luck_.chance(50) ? exit_status(exited{luck_.chance(50) ? 0 : 1})
                         : exit_status(signaled{SIGSEGV, false}),
        luck_.chance(20));
  }

  /// The leader ends; perhaps others of its group live on until they are killed or leave by themselves.
  void end(run_key key, exit_status status, bool leaves_group) {
    process& subject = processes_.at(key);
    if (subject.leader) {
      subject.leader = false;
      subject.group = leaves_group;
      if (!leaves_group) processes_.erase(key);
      tell(key.first, process_exited{{key.second}, status, leaves_group});
    } else {
      processes_.erase(key);
      tell(key.first, group_gone{{key.second}});
    }
  }

  void some_hook_end() {
    if (hooks_.empty()) return;
    auto place = hooks_.begin();
    std::advance(place, static_cast<long>(luck_.below(hooks_.size())));
    end_hook(*place, luck_.chance(75));
  }

  void end_hook(const std::pair<run_key, hook_kind> which, bool ok) {
    hooks_.erase(which);
    const auto& [key, kind] = which;
    const bool obeyed = ok && kind == hook_kind::stop && processes_.contains(key);
    tell(key.first, hook_finished{{key.second}, kind, ok, ok ? "exit code 0" : "exit code 1"});
    if (obeyed && processes_.contains(key) && processes_.at(key).leader)
      end(key, exited{0}, luck_.chance(10));
  }

  void some_schedule() {
    const std::string name = any_service();
    if (name.empty() || !fleet_.spec(name).schedule) return;
    const service before = fleet_.state(name);
    tell(name, schedule_due{});
    if (!fleet_.knows(name)) return;
    if (current_run(before) != nullptr && fleet_.state(name).runs != before.runs)
      throw violation{"the schedule of " + name + " started a second run beside the first"};
    if (before.paused && fleet_.state(name).wanted)
      throw violation{name + " was started though it is paused"};
  }

  // --- the daemon dies, another takes over what it left
  // ---------------------------------------------------------
  void daemon_dies() {
    ++report_.deaths;
    left_.clear();
    for (const std::string& name : fleet_.names()) left_[name] = {fleet_.spec(name), fleet_.state(name)};
    if (luck_.chance(50)) die_in_the_middle();
    fleet_ = fleet(luck_.next());
    probes_.clear();
    hooks_.clear();
    for (auto& [key, subject] : std::map(processes_)) {
      if (luck_.chance(20)) subject.leader ? end_unseen(key) : static_cast<void>(processes_.erase(key));
    }
    orders all;
    for (auto& [name, was] : std::exchange(left_, {})) {
      auto& [spec, state] = was;
      const bool forgotten = luck_.chance(2);  // what was remembered cannot be read
      if (forgotten) state = service{};
      const auto found = remains_of(name, state);
      if ((forgotten || (!services_.contains(name) && !current_run(state))) && !found) continue;
      takeover next = take_over(std::move(state), found, now_);
      for (order& each : fleet_.restore(spec, std::move(next.state), next.since, luck_.chance(10), now_))
        all.push_back(std::move(each));
    }
    for (order& each : fleet_.configure(services_, now_)) all.push_back(std::move(each));
    following_.clear();
    note_followers();
    taking_over_ = true;
    carry_out(std::move(all));
    taking_over_ = false;
  }

  /// Something happens, and not all of what is to be done about it is done. What is remembered is what was
  /// before, but for those that were started meanwhile.
  void die_in_the_middle() {
    orders_left_ = static_cast<unsigned>(luck_.below(5));
    switch (luck_.below(3)) {
      case 0: user_request(); break;
      case 1: some_exit(); break;
      default: time_goes_by(luck_.up_to(duration(2s))); break;
    }
    orders_left_.reset();
    queue_.clear();
  }

  [[nodiscard]] bool is_dead() const { return orders_left_ && *orders_left_ == 0; }

  void end_unseen(const run_key& key) {
    processes_.at(key).leader = false;
    if (luck_.chance(70)) processes_.erase(key);
  }

  std::optional<run_remains> remains_of(const std::string& name, const service& state) {
    for (const auto& [key, subject] : processes_) {
      if (key.first != name) continue;
      run_remains found{key.second, std::nullopt, !subject.leader || subject.group};
      if (subject.leader) found.leader = 1000;
      // Older ones than the one that is remembered would be nobody's.
      if (found.run < run_to_find(state)) throw violation{name + " has a process of an older run"};
      return found;
    }
    return std::nullopt;
  }

  void some_answer() {
    if (probes_.empty()) return;
    auto place = probes_.begin();
    std::advance(place, static_cast<long>(luck_.below(probes_.size())));
    const auto [key, kind] = *place;
    probes_.erase(place);
    const bool ok = luck_.chance(55);
    tell(key.first, probe_answered{{key.second}, kind, ok, !ok && luck_.chance(50), ok ? "ok" : "no"});
  }

  /// News of runs that are long over, or never were.
  void stale_news() {
    const std::string name = any_service();
    if (name.empty()) return;
    const std::uint64_t runs = fleet_.state(name).runs;
    const bool live = current_run(fleet_.state(name)) != nullptr;
    const run_id id{live || luck_.chance(50) ? runs + 1 + luck_.below(3) : luck_.below(runs + 1)};
    const auto before = fleet_.state(name).state.index();
    switch (luck_.below(4)) {
      case 0: tell(name, process_exited{id, exited{1}, luck_.chance(50)}); break;
      case 1: tell(name, group_gone{id}); break;
      case 2: tell(name, probe_answered{id, probe_kind::ready, true, false, "stale"}); break;
      default: tell(name, spawn_failed{id, "stale"}); break;
    }
    if (fleet_.knows(name) && fleet_.state(name).state.index() != before) {
      throw violation{"stale news changed the state of " + name};
    }
  }

  void time_goes_by(duration span) {
    const time_point until = now_ + span;
    for (unsigned guard = 0;; ++guard) {
      const auto due = fleet_.next_deadline();
      if (!due || *due > until) break;
      if (guard > 100'000) throw violation{"time stands still: a deadline never goes away"};
      if (is_dead()) return;
      now_ = std::max(now_, *due);
      carry_out(fleet_.advance(now_));
    }
    now_ = until;
    check_patience();
  }

  // --- the world's side of an order
  // -----------------------------------------------------------------------------
  void tell(const std::string& name, event what) {
    if (is_dead()) return;
    ++report_.events;
    carry_out(fleet_.handle(name, what, now_));
  }

  void carry_out(orders list, const std::function<void(const order&)>& look = {}) {
    if (look) std::for_each(list.begin(), list.end(), look);
    for (order& each : list) {
      if (!taking_over_) check_begin(each);
      queue_.push_back(std::move(each));
    }
    if (busy_) return;
    busy_ = true;
    while (!queue_.empty()) {
      if (is_dead()) break;
      if (orders_left_) --*orders_left_;
      const order next = std::move(queue_.front());
      queue_.pop_front();
      if (orders_left_ && std::holds_alternative<spawn_process>(next.what))
        left_[next.service] = {fleet_.spec(next.service), fleet_.state(next.service)};
      std::visit([&](const auto& what) { obey(next.service, what); }, next.what);
      if (!orders_left_) check_invariants();
    }
    busy_ = false;
  }

  void obey(const std::string& name, const spawn_process& what) {
    ++report_.spawns;
    const run_key key{name, what.run.value};
    for (const auto& [other, subject] : processes_) {
      if (other.first == name) throw violation{name + " was started beside its own run"};
    }
    for (const auto& [other, kind] : hooks_) {
      if (other.first == name) throw violation{name + " was started beside a hook of its own"};
    }
    if (!calm_ && luck_.chance(15)) return tell(name, spawn_failed{what.run, "no such file"});
    processes_[key] = process{true, true, luck_.chance(20)};
    tell(name, spawned{what.run, 1000});
  }

  void obey(const std::string& name, const signal_group& what) {
    const auto place = processes_.find({name, what.run.value});
    if (place == processes_.end()) return;  // it ended while the order was under way: the signal finds nobody
    if (what.signal == SIGKILL) {
      ++report_.kills;
      const run_key key = place->first;
      const bool had_leader = place->second.leader;
      processes_.erase(place);
      if (had_leader) return tell(name, process_exited{what.run, signaled{SIGKILL, false}, false});
      return tell(name, group_gone{what.run});
    }
    if (shutting_down_) check_stop_order(name);
    if (!place->second.ignores_term && luck_.chance(70))
      end(place->first, signaled{what.signal, false}, luck_.chance(10));
  }

  void obey(const std::string& name, const run_probe& what) {
    if (!processes_.contains({name, what.run.value})) return;
    if (!probes_.insert({{name, what.run.value}, what.kind}).second) {
      throw violation{name + " was probed twice at a time"};
    }
  }

  void obey(const std::string& name, const cancel_probes& what) {
    std::erase_if(probes_, [&](const auto& each) { return each.first == run_key{name, what.run.value}; });
  }

  void obey(const std::string& name, const run_hook& what) {
    ++report_.hooks;
    const run_key key{name, what.run.value};
    if (what.kind == hook_kind::before_start) prepared_.insert(key);
    const bool before_or_after = what.kind == hook_kind::before_start || what.kind == hook_kind::after_stop;
    for (const auto& [other, subject] : processes_) {
      if (before_or_after && other.first == name) throw violation{name + " has a process beside its hook"};
    }
    if (!hooks_.insert({key, what.kind}).second) throw violation{name + " runs the same hook twice"};
  }

  void obey(const std::string& name, const cancel_hooks& what) {
    for (const auto& each : std::set(hooks_)) {
      if (each.first == run_key{name, what.run.value} && hooks_.contains(each)) end_hook(each, false);
    }
  }

  void obey(const std::string& name, const end_daemon&) {
    const service_spec& spec = fleet_.spec(name);
    if (spec.on_failure != end_action::exit && spec.on_success != end_action::exit)
      throw violation{name + " ended the daemon without a reason"};
    ended_ = true;
  }

  void obey(const std::string& name, const state_changed&) {
    if (fleet_.knows(name) && status_of(fleet_.state(name)) == status::ready) ++report_.became_ready;
  }

  // --- what must hold at every moment
  // ---------------------------------------------------------------------------
  void check_patience() {
    for (const std::string& name : fleet_.names()) {
      const service_spec& spec = fleet_.spec(name);
      const auto* starting = std::get_if<in::starting>(&fleet_.state(name).state);
      if (starting == nullptr || starting->preparing || !spec.ready || spec.kind == service_kind::task)
        continue;
      if (now_ > starting->current.since + spec.ready->timeout)
        throw violation{name + " is not ready in time, and nobody minds"};
    }
  }

  /// What begins a run comes when everything that it needs is there.
  void check_begin(const order& what) {
    const auto* hook = std::get_if<run_hook>(&what.what);
    const bool prepares = hook != nullptr && hook->kind == hook_kind::before_start;
    // A run that has begun with a hook goes on, whatever a reload says of its dependencies and hooks
    // meanwhile.
    const auto* spawn = std::get_if<spawn_process>(&what.what);
    const bool starts = spawn != nullptr && !prepared_.contains({what.service, spawn->run.value});
    if (!prepares && !starts) return;
    for (const dependency_view& each : fleet_.view(what.service, now_).depends_on) {
      if (!each.met) throw violation{what.service + " was started without " + each.name};
    }
  }

  /// Since when who follows whom; a daemon that takes over begins anew.
  void note_followers() {
    const auto before = std::exchange(following_, {});
    for (const auto& [name, spec] : services_) {
      for (const auto& [other, needs] : spec.depends_on) {
        const auto place = before.find({name, other});
        if (needs.restart) following_[{name, other}] = place == before.end() ? now_ : place->second;
      }
    }
  }

  /// Whoever follows another is in a run that began after the other's.
  void check_followers() const {
    for (const auto& [pair, since] : following_) {
      const auto& [name, other] = pair;
      if (!fleet_.knows(name) || !fleet_.knows(other)) continue;
      const service& follower = fleet_.state(name);
      if (status_of(follower) != status::ready || !follower.wanted) continue;  // on its way up or down
      const run* mine = current_run(follower);
      const run* theirs = current_run(fleet_.state(other));
      if (mine == nullptr || theirs == nullptr || theirs->since <= since) continue;
      if (mine->since < theirs->since) throw violation{name + " did not follow the new run of " + other};
    }
  }

  void check_stop_order(const std::string& name) {
    const auto* stopping = std::get_if<in::stopping>(&fleet_.state(name).state);
    const bool by_itself = stopping != nullptr && stopping->because;
    if (by_itself || on_the_way_down_.contains(name)) return;
    for (const auto& [key, subject] : processes_) {
      if (key.first == name || !fleet_.knows(key.first)) continue;
      if (fleet_.spec(key.first).depends_on.contains(name)) {
        throw violation{name + " was stopped before its dependant " + key.first};
      }
    }
  }

  void check_invariants() {
    for (const std::string& name : fleet_.names()) {
      const service& subject = fleet_.state(name);
      const run* current = current_run(subject);
      if (const auto* stopping = std::get_if<in::stopping>(&subject.state)) {
        if (!stopping->killed && !next_deadline(fleet_.spec(name), subject))
          throw violation{name + " stops for ever"};
      }
      if (current == nullptr && std::any_of(processes_.begin(), processes_.end(),
                                            [&](const auto& each) { return each.first.first == name; })) {
        throw violation{name + " forgot a living process"};
      }
      const auto attempts = fleet_.spec(name).backoff.attempts;
      if (attempts != 0 && subject.failures > attempts &&
          !std::holds_alternative<in::failed>(subject.state)) {
        throw violation{name + " goes on after it should have given up"};
      }
      if (subject.reason.empty()) throw violation{name + " has no reason to tell"};
      if (status_of(subject) == status::ready && !subject.wanted && !fleet_.shutting_down())
        check_asked_down(name);
    }
  }

  /// Up though nobody wants it is right only while dependants are on their way down.
  void check_asked_down(const std::string& name) {
    for (const std::string& other : fleet_.names()) {
      if (fleet_.spec(other).depends_on.contains(name) && current_run(fleet_.state(other))) return;
    }
    if (queue_.empty()) throw violation{name + " is up though nobody wants it"};
  }

  // --- the end
  // --------------------------------------------------------------------------------------------------
  /// Without faults every wanted service gets where it should be: ready, completed, failed, or rightly
  /// blocked.
  void calm_down() {
    calm_ = true;
    std::optional<std::string> unsettled;
    for (int round = 0; round < 400 && !ended_; ++round) {
      answer_all();
      end_hooks();
      end_tasks();
      time_goes_by(200ms);
      unsettled = first_unsettled();
      if (!unsettled) return check_followers();
    }
    if (ended_) return;
    throw violation{*unsettled + " did not settle, it is " +
                    std::string(to_string(status_of(fleet_.state(*unsettled))))};
  }

  [[nodiscard]] std::optional<std::string> first_unsettled() const {
    for (const std::string& name : fleet_.names()) {
      const service& subject = fleet_.state(name);
      const status state = status_of(subject);
      const bool at_rest = state == status::ready || state == status::completed || state == status::failed;
      const bool held_up = (state == status::waiting || state == status::backoff) && blocked(name);
      if (subject.wanted && !at_rest && !held_up) return name;
    }
    return std::nullopt;
  }

  void answer_all() {
    while (!probes_.empty()) {
      const auto [key, kind] = *probes_.begin();
      probes_.erase(probes_.begin());
      tell(key.first, probe_answered{{key.second}, kind, true, false, "ok"});
    }
  }

  void end_hooks() {
    while (!hooks_.empty()) end_hook(*hooks_.begin(), true);
  }

  void end_tasks() {
    const auto copy = processes_;
    for (const auto& [key, subject] : copy) {
      const bool task = fleet_.knows(key.first) && fleet_.spec(key.first).kind == service_kind::task;
      if (processes_.contains(key) && (task || !subject.leader)) end(key, exited{0}, false);
    }
  }

  [[nodiscard]] bool blocked(const std::string& name) const {
    const service_view view = fleet_.view(name, now_);
    return std::any_of(view.depends_on.begin(), view.depends_on.end(),
                       [](const auto& each) { return !each.met; });
  }

  void shut_down() {
    shutting_down_ = true;
    for (const std::string& name : fleet_.names()) {
      if (status_of(fleet_.state(name)) == status::stopping) on_the_way_down_.insert(name);
    }
    carry_out(fleet_.shutdown(now_));
    for (int round = 0; !fleet_.all_down(); ++round) {
      if (round > 200) throw violation{"the shutdown does not end"};
      time_goes_by(500ms);
      end_hooks();
      for (const auto& [key, subject] : std::map(processes_)) {
        if (processes_.contains(key) && !subject.leader) end(key, exited{0}, false);
      }
    }
    if (!processes_.empty()) throw violation{"a process outlived the shutdown"};
    if (!hooks_.empty()) throw violation{"a hook outlived the shutdown"};
    if (fleet_.next_deadline()) throw violation{"something is still due after the shutdown"};
  }

  dice luck_;
  random_fleet configurations_;
  fleet fleet_;
  unsigned steps_;
  service_map services_;
  time_point now_{};
  std::map<run_key, process> processes_;
  std::set<std::pair<run_key, probe_kind>> probes_;
  std::set<std::pair<run_key, hook_kind>> hooks_;
  std::deque<order> queue_;
  bool busy_ = false;
  bool taking_over_ = false;
  std::optional<unsigned> orders_left_;                           ///< until the daemon dies
  std::map<std::string, std::pair<service_spec, service>> left_;  ///< what is remembered of it then
  std::map<std::pair<std::string, std::string>, time_point> following_;
  std::set<run_key> prepared_;  ///< runs that began with a hook
  bool calm_ = false;
  bool shutting_down_ = false;
  std::set<std::string> on_the_way_down_;
  bool ended_ = false;  ///< by a service whose end is that of the daemon
  report report_;
};

}  // namespace

report simulate(std::uint64_t seed, unsigned steps) { return world(seed, steps).play(); }

}  // namespace simulation
