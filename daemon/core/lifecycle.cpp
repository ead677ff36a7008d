#include "core/lifecycle.hpp"

#include "core/backoff.hpp"
#include "core/durations.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace workspaced::core {
namespace {

using namespace std::chrono_literals;

// While nothing listens yet, the pause between attempts is this share of the time already waited, at least
// the minimum: a service that is up in 300 ms is seen within 5 ms, and one that takes minutes costs next to
// nothing.
constexpr int patience = 100;
constexpr duration shortest_pause = 5ms;

// Without a probe, a run that lasts this long is taken for ready: long enough to see a program that ends at
// once.
constexpr duration proof_without_probe = 500ms;

class machine {
 public:
  machine(const service_spec& spec, service before, const context& at)
      : spec_(spec), next_(std::move(before)), at_(at) {}

  step take() && { return {std::move(next_), std::move(effects_)}; }

  void on(const start_requested&);
  void on(const stop_requested& what);
  void on(const restart_requested& what);
  void on(const dependencies_met&);
  void on(const spawned& what);
  void on(const spawn_failed& what);
  void on(const process_exited& what);
  void on(const group_gone&);
  void on(const probe_answered& what);
  void on(const hook_finished& what);
  void on(const dependency_late& what);
  void on(const schedule_due&);
  void on(const adopted&);
  void on(const time_passed&);
  void on(const policy_changed&);

 private:
  template <class State>
  State& as() {
    return std::get<State>(next_.state);
  }
  [[nodiscard]] bool is_task() const { return spec_.kind == service_kind::task; }

  void enter(service_state state, std::string reason);
  void begin_stop(std::optional<ending> because, std::string reason);
  void ask_to_stop();
  void become_ready();
  void run_over(std::optional<ending> because);
  void settle(std::optional<ending> because);
  void retry(const ending& because);
  void fail(std::string reason, std::optional<time_point> retry_at);
  void end_with(end_action wanted, const std::string& reason);
  void run_hook_now(hook_kind kind);
  void remember(std::optional<exit_status> status, std::string reason);
  void answer_ready(const probe_answered& what);
  void answer_live(const probe_answered& what);
  void probe_now(probe_kind kind, probe_cursor& cursor);

  const service_spec& spec_;
  service next_;
  const context& at_;
  std::vector<effect> effects_;
};

void machine::enter(service_state state, std::string reason) {
  const status previous = status_of(next_);
  next_.state = std::move(state);
  next_.reason = std::move(reason);
  if (status_of(next_) != previous) {
    next_.since = at_.now;
    effects_.push_back(state_changed{previous, status_of(next_), next_.reason});
  }
}

void machine::begin_stop(std::optional<ending> because, std::string reason) {
  const run current = *current_run(next_);
  const auto* starting = std::get_if<in::starting>(&next_.state);
  effects_.push_back(cancel_probes{current.id});
  effects_.push_back(cancel_hooks{current.id});
  if (starting == nullptr || !starting->preparing) ask_to_stop();
  enter(in::stopping{current, at_.now + spec_.stop.timeout, false, std::move(because)}, std::move(reason));
}

void machine::ask_to_stop() {
  if (!spec_.stop.command.empty()) return run_hook_now(hook_kind::stop);
  effects_.push_back(signal_group{current_run(next_)->id, spec_.stop.signal});
}

void machine::run_hook_now(hook_kind kind) { effects_.push_back(run_hook{current_run(next_)->id, kind}); }

void machine::become_ready() {
  const run current = *current_run(next_);
  next_.ready_after = at_.now - current.since;
  probe_cursor probe;
  if (spec_.live) probe.next = at_.now + spec_.live->interval;
  enter(in::ready{current, probe}, spec_.ready ? "ready after " + in_words(*next_.ready_after) : "running");
  if (!spec_.hooks.after_ready.empty()) run_hook_now(hook_kind::after_ready);
}

void machine::remember(std::optional<exit_status> status, std::string reason) {
  const run& current = *current_run(next_);
  next_.last_run = finished_run{current.id, status, std::move(reason), at_.now, at_.now - current.since};
}

/// Nothing of the run's processes is left.
void machine::run_over(std::optional<ending> because) {
  const run current = *current_run(next_);
  effects_.push_back(cancel_probes{current.id});
  effects_.push_back(cancel_hooks{current.id});
  if (spec_.hooks.after_stop.empty()) return settle(std::move(because));
  run_hook_now(hook_kind::after_stop);
  enter(in::stopping{current, at_.now, true, std::move(because), true}, "running the hook after_stop");
}

/// The run is over, its last hook too: what now?
void machine::settle(std::optional<ending> because) {
  if (!next_.wanted) return enter(in::stopped{}, "stopped by request");
  if (!because) {
    next_.failures = 0;
    if (!next_.cause_of_next) next_.cause_of_next = restart_cause::request;
    return enter(in::waiting{}, "restarting by request");
  }
  if (because->success && is_task()) {
    next_.failures = 0;
    enter(in::completed{}, "completed");
    return end_with(spec_.on_success, "completed");
  }
  const bool again = spec_.restart == restart_policy::always ||
                     (spec_.restart == restart_policy::on_failure && !because->success);
  if (again) return retry(*because);
  if (!because->success) return fail(because->reason, std::nullopt);
  next_.wanted = false;
  enter(in::stopped{}, because->reason + ", not restarted (restart = \"" +
                           (spec_.restart == restart_policy::never ? "never" : "on-failure") + "\")");
  end_with(spec_.on_success, because->reason);
}

void machine::fail(std::string reason, std::optional<time_point> retry_at) {
  enter(in::failed{retry_at}, reason);
  end_with(spec_.on_failure, reason);
}

void machine::end_with(end_action wanted, const std::string& reason) {
  if (wanted != end_action::exit) return;
  const bool ran = next_.last_run && next_.last_run->status;
  effects_.push_back(end_daemon{ran ? shell_code(*next_.last_run->status) : 1, reason});
}

void machine::retry(const ending& because) {
  const bool ran = because.cause != restart_cause::dependency;
  if (ran && next_.last_run && next_.last_run->lasted >= spec_.backoff.reset_after) next_.failures = 0;
  ++next_.failures;
  next_.cause_of_next = because.cause;
  if (gives_up(spec_.backoff, next_.failures)) {
    std::optional<time_point> retry_at;
    if (spec_.backoff.retry_failed_after) retry_at = at_.now + *spec_.backoff.retry_failed_after;
    return fail("gave up after " + std::to_string(next_.failures) +
                    (next_.failures == 1 ? " failed run: " : " failed runs in a row: ") + because.reason,
                retry_at);
  }
  const duration pause = pause_after(spec_.backoff, next_.failures, at_.luck);
  if (pause == duration::zero()) return enter(in::waiting{}, because.reason);
  enter(in::backoff{at_.now + pause}, because.reason);
}

void machine::on(const start_requested&) {
  next_.wanted = true;
  next_.paused = false;
  switch (status_of(next_)) {
    case status::stopped:
    case status::completed:
    case status::failed:
    case status::backoff: next_.failures = 0; return enter(in::waiting{}, "starting by request");
    case status::waiting:
    case status::starting:
    case status::ready:
    case status::degraded:
    case status::stopping: return;  // up already, or up again once it is down: `wanted` says so
  }
}

void machine::on(const stop_requested& what) {
  next_.wanted = false;
  next_.paused = true;
  next_.cause_of_next.reset();
  switch (status_of(next_)) {
    case status::waiting:
    case status::backoff:
    case status::failed: return enter(in::stopped{}, what.reason);
    case status::starting:
    case status::ready:
    case status::degraded: return begin_stop(std::nullopt, "stopping");
    case status::stopping: as<in::stopping>().because.reset(); return;
    case status::stopped:
    case status::completed: return;
  }
}

void machine::on(const restart_requested& what) {
  next_.paused = false;
  switch (status_of(next_)) {
    case status::starting:
    case status::ready:
    case status::degraded:
      next_.wanted = true;
      next_.cause_of_next = what.cause;
      return begin_stop(std::nullopt, what.reason);
    case status::stopping:
      next_.wanted = true;
      next_.cause_of_next = what.cause;
      as<in::stopping>().because.reset();
      return;
    case status::stopped:
    case status::waiting:
    case status::backoff:
    case status::completed:
    case status::failed: return on(start_requested{});
  }
}

void machine::on(const dependencies_met&) {
  if (status_of(next_) != status::waiting) return;
  ++next_.runs;
  if (next_.cause_of_next) ++next_.restarts[static_cast<std::size_t>(*next_.cause_of_next)];
  next_.cause_of_next.reset();
  next_.ready_after.reset();
  next_.probe.reset();
  const run_id id{next_.runs};
  const bool prepare = !spec_.hooks.before_start.empty();
  enter(in::starting{run{id, at_.now, std::nullopt}, {}, prepare},
        prepare ? "running the hook before_start" : "starting");
  if (prepare) return run_hook_now(hook_kind::before_start);
  effects_.push_back(spawn_process{id});
}

void machine::on(const spawned& what) {
  if (auto* stopping = std::get_if<in::stopping>(&next_.state)) {
    stopping->current.pid = what.pid;
    return;
  }
  auto* starting = std::get_if<in::starting>(&next_.state);
  if (starting == nullptr) return;
  starting->current.pid = what.pid;
  if (is_task()) {
    next_.reason = "running";
  } else if (spec_.ready) {
    next_.reason = "not ready yet";
    probe_now(probe_kind::ready, starting->probe);
  } else {
    next_.reason = "running, not yet for long";
  }
}

void machine::on(const spawn_failed& what) {
  remember(std::nullopt, what.reason);
  if (auto* stopping = std::get_if<in::stopping>(&next_.state)) return run_over(std::move(stopping->because));
  run_over(ending{false, restart_cause::spawn, what.reason});
}

void machine::on(const process_exited& what) {
  const std::string text = describe(what.status);
  remember(what.status, text);
  if (auto* stopping = std::get_if<in::stopping>(&next_.state)) {
    if (!what.group_alive) run_over(std::move(stopping->because));
    return;
  }
  const auto cause =
      std::holds_alternative<signaled>(what.status) ? restart_cause::signal : restart_cause::exit;
  ending because{is_success(what.status, spec_.success_exit_codes), cause, text};
  if (what.group_alive) return begin_stop(std::move(because), text + "; stopping what it left behind");
  run_over(std::move(because));
}

void machine::on(const group_gone&) {
  if (auto* stopping = std::get_if<in::stopping>(&next_.state)) run_over(std::move(stopping->because));
}

void machine::on(const hook_finished& what) {
  const std::string problem = std::string(to_string(what.kind)) + " failed: " + what.text;
  auto* stopping = std::get_if<in::stopping>(&next_.state);
  switch (what.kind) {
    case hook_kind::before_start:
      if (auto* starting = std::get_if<in::starting>(&next_.state); starting && starting->preparing) {
        starting->preparing = false;
        if (what.ok) {
          next_.reason = "starting";
          effects_.push_back(spawn_process{what.run});
          return;
        }
        remember(std::nullopt, problem);
        return run_over(ending{false, restart_cause::hook, problem});
      }
      if (stopping == nullptr || stopping->over || stopping->current.pid) return;
      remember(std::nullopt, "stopped before it was started");
      return run_over(std::move(stopping->because));
    case hook_kind::after_ready:
      if (status_of(next_) == status::ready && !what.ok) next_.reason = problem;
      return;
    case hook_kind::stop:
      if (stopping == nullptr || stopping->over || stopping->killed || what.ok) return;
      next_.reason = problem + "; signalled instead";
      effects_.push_back(signal_group{what.run, spec_.stop.signal});
      return;
    case hook_kind::after_stop:
      if (stopping != nullptr && stopping->over) settle(std::move(stopping->because));
      return;
  }
}

void machine::on(const dependency_late& what) {
  if (status_of(next_) == status::waiting) settle(ending{false, restart_cause::dependency, what.reason});
}

void machine::on(const schedule_due&) {
  if (next_.paused) return;
  switch (status_of(next_)) {
    case status::stopped:
    case status::completed:
    case status::failed:
    case status::backoff: return on(start_requested{});
    case status::waiting:
    case status::starting:
    case status::ready:
    case status::degraded:
    case status::stopping: ++next_.skipped; return;
  }
}

void machine::on(const adopted&) {
  if (auto* stopping = std::get_if<in::stopping>(&next_.state)) {
    if (stopping->over) return run_hook_now(hook_kind::after_stop);
    const bool exited = next_.last_run && next_.last_run->id == stopping->current.id;
    if (!stopping->current.pid && !exited) return run_over(std::move(stopping->because));  // only a hook ran
    return ask_to_stop();
  }
  const auto* starting = std::get_if<in::starting>(&next_.state);
  if (starting && starting->preparing) return run_hook_now(hook_kind::before_start);
  if (starting && !starting->current.pid) return effects_.push_back(spawn_process{starting->current.id});
  on(policy_changed{});
}

void machine::on(const probe_answered& what) {
  switch (status_of(next_)) {
    case status::starting:
      if (what.kind == probe_kind::ready) answer_ready(what);
      return;
    case status::ready:
    case status::degraded:
      if (what.kind == probe_kind::live) answer_live(what);
      return;
    case status::stopped:
    case status::waiting:
    case status::stopping:
    case status::backoff:
    case status::completed:
    case status::failed: return;
  }
}

void machine::answer_ready(const probe_answered& what) {
  auto& starting = as<in::starting>();
  next_.probe = probe_answer{probe_kind::ready, what.ok, what.text, at_.now};
  if (!spec_.ready || is_task()) return;
  if (what.ok && ++starting.probe.streak >= spec_.ready->success_threshold) return become_ready();
  duration pause = spec_.ready->interval;
  if (!what.ok) {
    starting.probe.streak = 0;
    next_.reason = "not ready yet: " + what.text;
    if (what.refused)
      pause = std::min(pause, std::max(shortest_pause, (at_.now - starting.current.since) / patience));
  }
  starting.probe.next = at_.now + pause;
}

void machine::answer_live(const probe_answered& what) {
  next_.probe = probe_answer{probe_kind::live, what.ok, what.text, at_.now};
  if (!spec_.live) return;
  auto* degraded = std::get_if<in::degraded>(&next_.state);
  probe_cursor& probe = degraded ? degraded->probe : as<in::ready>().probe;
  probe.next = at_.now + spec_.live->interval;
  probe.streak = what.ok ? 0 : probe.streak + 1;
  if (what.ok) {
    if (degraded) enter(in::ready{degraded->current, probe}, "ready again");
    return;
  }
  if (probe.streak < spec_.live->failure_threshold) return;
  const std::string reason = "live probe failed " + std::to_string(probe.streak) +
                             (probe.streak == 1 ? " time: " : " times: ") + what.text;
  if (spec_.live->on_failure == live_action::restart) {
    return begin_stop(ending{false, restart_cause::liveness, reason}, reason);
  }
  enter(in::degraded{*current_run(next_), probe}, reason);
}

void machine::probe_now(probe_kind kind, probe_cursor& cursor) {
  cursor.next.reset();
  effects_.push_back(run_probe{current_run(next_)->id, kind});
}

void machine::on(const time_passed&) {
  const auto due = [this](const std::optional<time_point>& when) { return when && *when <= at_.now; };
  if (auto* starting = std::get_if<in::starting>(&next_.state)) {
    if (is_task() || starting->preparing) return;
    if (!spec_.ready) {
      if (starting->current.pid && starting->current.since + proof_without_probe <= at_.now) become_ready();
      return;
    }
    if (starting->current.since + spec_.ready->timeout <= at_.now) {
      std::string reason = "not ready within " + in_words(spec_.ready->timeout);
      if (next_.probe) reason += ": " + next_.probe->text;
      return begin_stop(ending{false, restart_cause::ready_timeout, reason}, reason);
    }
    if (due(starting->probe.next)) probe_now(probe_kind::ready, starting->probe);
  } else if (auto* ready = std::get_if<in::ready>(&next_.state)) {
    if (due(ready->probe.next)) probe_now(probe_kind::live, ready->probe);
  } else if (auto* degraded = std::get_if<in::degraded>(&next_.state)) {
    if (due(degraded->probe.next)) probe_now(probe_kind::live, degraded->probe);
  } else if (auto* stopping = std::get_if<in::stopping>(&next_.state)) {
    if (stopping->killed || stopping->kill_at > at_.now) return;
    stopping->killed = true;
    effects_.push_back(cancel_hooks{stopping->current.id});
    next_.reason = "did not stop within " + in_words(spec_.stop.timeout) + ", killed";
    effects_.push_back(signal_group{stopping->current.id, SIGKILL});
  } else if (auto* backoff = std::get_if<in::backoff>(&next_.state)) {
    if (backoff->until <= at_.now) enter(in::waiting{}, next_.reason);
  } else if (auto* failed = std::get_if<in::failed>(&next_.state)) {
    if (!due(failed->retry_at)) return;
    if (spec_.backoff.attempts > 0) next_.failures = spec_.backoff.attempts - 1;  // one try
    enter(in::waiting{}, "trying again after " + in_words(at_.now - next_.since));
  }
}

void machine::on(const policy_changed&) {
  auto* starting = std::get_if<in::starting>(&next_.state);
  auto* ready = std::get_if<in::ready>(&next_.state);
  auto* degraded = std::get_if<in::degraded>(&next_.state);
  if (!starting && !ready && !degraded) return;
  if (starting && (is_task() || !starting->current.pid)) return;
  effects_.push_back(cancel_probes{current_run(next_)->id});  // an attempt under way asks by the old rules
  if (starting) {
    starting->probe = {at_.now, 0};
    return;
  }
  probe_cursor& probe = ready ? ready->probe : degraded->probe;
  probe = {};
  if (spec_.live) {
    probe.next = at_.now;
  } else if (degraded) {
    enter(in::ready{degraded->current, {}}, "running, live probe removed");
  }
}

/// The run that an event speaks of; none for requests and time.
template <class Event>
std::optional<run_id> run_of(const Event& what) {
  if constexpr (requires { what.run; }) return what.run;
  return std::nullopt;
}

}  // namespace

step transition(const service_spec& spec, service before, const event& what, const context& at) {
  const auto named = std::visit([](const auto& each) { return run_of(each); }, what);
  const run* current = current_run(before);
  const bool stale = named && (current == nullptr || current->id != *named);
  machine life(spec, std::move(before), at);
  if (!stale) std::visit([&life](const auto& each) { life.on(each); }, what);
  return std::move(life).take();
}

std::optional<time_point> next_deadline(const service_spec& spec, const service& subject) {
  if (const auto* starting = std::get_if<in::starting>(&subject.state)) {
    if (spec.kind == service_kind::task || starting->preparing) return std::nullopt;
    if (!spec.ready)
      return starting->current.pid ? std::optional(starting->current.since + proof_without_probe)
                                   : std::nullopt;
    const time_point limit = starting->current.since + spec.ready->timeout;
    return starting->probe.next ? std::min(limit, *starting->probe.next) : limit;
  }
  if (const auto* ready = std::get_if<in::ready>(&subject.state)) return ready->probe.next;
  if (const auto* degraded = std::get_if<in::degraded>(&subject.state)) return degraded->probe.next;
  if (const auto* stopping = std::get_if<in::stopping>(&subject.state)) {
    return stopping->killed ? std::nullopt : std::optional(stopping->kill_at);
  }
  if (const auto* backoff = std::get_if<in::backoff>(&subject.state)) return backoff->until;
  if (const auto* failed = std::get_if<in::failed>(&subject.state)) return failed->retry_at;
  return std::nullopt;
}

status status_of(const service& subject) { return static_cast<status>(subject.state.index()); }

const run* current_run(const service& subject) {
  return std::visit(
      [](const auto& state) -> const run* {
        if constexpr (requires { state.current; }) return &state.current;
        return nullptr;
      },
      subject.state);
}

}  // namespace workspaced::core
