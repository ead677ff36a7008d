// What surrounds a run: hooks, stop commands, schedules, patience with dependencies, the end of the daemon,
// and a daemon that takes over from another.
#include "core/lifecycle.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <utility>
#include <vector>

namespace workspaced::core {
namespace {

using namespace std::chrono_literals;

/// One service, driven by hand; every effect is written down.
struct bench {
  service_spec spec;
  service subject;
  time_point now{1h};
  std::vector<std::string> log;

  bench() {
    spec.name = "x";
    spec.command = {"x"};
    spec.backoff.jitter = 0;
  }

  void tell(const event& what) {
    step result = transition(spec, std::move(subject), what, context{now, 0.5});
    subject = std::move(result.next);
    for (const effect& each : result.effects) write_down(each);
  }
  void write_down(const effect& each) {
    if (std::holds_alternative<spawn_process>(each)) log.push_back("spawn");
    if (const auto* hook = std::get_if<run_hook>(&each)) log.push_back(std::string(to_string(hook->kind)));
    if (const auto* signal = std::get_if<signal_group>(&each)) log.push_back(signal_name(signal->signal));
    if (const auto* end = std::get_if<end_daemon>(&each)) log.push_back("end " + std::to_string(end->code));
  }
  void start() {
    tell(start_requested{});
    tell(dependencies_met{});
  }
  void up() {
    start();
    tell(spawned{id(), 100});
    now += 500ms;
    tell(time_passed{});
  }
  void exit(int code) { tell(process_exited{id(), exited{code}, false}); }
  void hook(hook_kind kind, bool ok) {
    tell(hook_finished{id(), kind, ok, ok ? "exit code 0" : "exit code 7"});
  }
  [[nodiscard]] run_id id() const { return {subject.runs}; }
  [[nodiscard]] std::string state() const { return std::string(to_string(status_of(subject))); }
  std::vector<std::string> take() { return std::exchange(log, {}); }
};

using steps = std::vector<std::string>;

TEST(hooks, run_around_a_run_in_order) {
  bench b;
  b.spec.hooks = {{"a"}, {"b"}, {"c"}, 30s};
  b.start();
  EXPECT_EQ(b.take(), (steps{"before_start"}));
  b.hook(hook_kind::before_start, true);
  b.tell(spawned{b.id(), 100});
  b.now += 500ms;
  b.tell(time_passed{});
  EXPECT_EQ(b.take(), (steps{"spawn", "after_ready"}));
  EXPECT_EQ(b.state(), "ready");
  b.exit(3);
  EXPECT_EQ(b.take(), (steps{"after_stop"}));
  EXPECT_EQ(b.state(), "stopping");
  b.hook(hook_kind::after_stop, false);
  EXPECT_EQ(b.state(), "backoff");
  EXPECT_EQ(b.subject.reason, "exit code 3") << "the hook's failure is not the run's";
}

TEST(hooks, a_failing_before_start_is_a_failed_start) {
  bench b;
  b.spec.hooks.before_start = {"a"};
  b.start();
  b.hook(hook_kind::before_start, false);
  EXPECT_EQ(b.state(), "backoff");
  EXPECT_EQ(b.subject.reason, "before_start failed: exit code 7");
  b.now += 1s;
  b.tell(time_passed{});
  b.tell(dependencies_met{});
  EXPECT_EQ(b.subject.restarts[static_cast<std::size_t>(restart_cause::hook)], 1U);
}

TEST(hooks, a_stop_during_before_start_never_starts_it) {
  bench b;
  b.spec.hooks.before_start = {"a"};
  b.start();
  b.tell(stop_requested{});
  EXPECT_EQ(b.state(), "stopping");
  b.hook(hook_kind::before_start, false);  // it was cancelled
  EXPECT_EQ(b.state(), "stopped");
  EXPECT_EQ(b.take(), (steps{"before_start"}));
}

TEST(hooks, a_failing_after_ready_is_told_and_changes_nothing) {
  bench b;
  b.spec.hooks.after_ready = {"a"};
  b.up();
  b.hook(hook_kind::after_ready, false);
  EXPECT_EQ(b.state(), "ready");
  EXPECT_EQ(b.subject.reason, "after_ready failed: exit code 7");
}

TEST(stop_command, runs_instead_of_the_signal_which_follows_when_it_fails) {
  bench b;
  b.spec.stop.command = {"ask"};
  b.up();
  b.take();
  b.tell(stop_requested{});
  EXPECT_EQ(b.take(), (steps{"stop.command"}));
  b.hook(hook_kind::stop, false);
  EXPECT_EQ(b.take(), (steps{"TERM"}));
  b.now += 10s;
  b.tell(time_passed{});
  EXPECT_EQ(b.take(), (steps{"KILL"}));
  b.tell(process_exited{b.id(), signaled{SIGKILL, false}, false});
  EXPECT_EQ(b.state(), "stopped");
}

TEST(stop_command, that_works_needs_no_signal) {
  bench b;
  b.spec.stop.command = {"ask"};
  b.up();
  b.take();
  b.tell(stop_requested{});
  b.hook(hook_kind::stop, true);
  b.exit(0);
  EXPECT_EQ(b.state(), "stopped");
  EXPECT_EQ(b.take(), (steps{"stop.command"}));
}

TEST(retry, a_service_that_was_given_up_gets_one_more_try_each_time) {
  bench b;
  b.spec.backoff.attempts = 2;
  b.spec.backoff.initial = 0s;
  b.spec.backoff.retry_failed_after = 5min;
  b.start();
  b.exit(1);
  b.tell(dependencies_met{});
  b.exit(1);
  EXPECT_EQ(b.state(), "failed");
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(next_deadline(b.spec, b.subject), b.now + 5min);
    b.now += 5min;
    b.tell(time_passed{});
    EXPECT_EQ(b.state(), "waiting");
    b.tell(dependencies_met{});
    b.exit(1);
    EXPECT_EQ(b.state(), "failed") << "one try, not all of them again";
  }
}

TEST(schedule, starts_a_task_that_rests_and_counts_times_that_fall_into_a_run) {
  bench b;
  b.spec.kind = service_kind::task;
  b.spec.restart = restart_policy::never;
  b.tell(schedule_due{});
  b.tell(dependencies_met{});
  b.tell(spawned{b.id(), 100});
  b.tell(schedule_due{});
  b.tell(schedule_due{});
  EXPECT_EQ(b.subject.skipped, 2U);
  EXPECT_EQ(b.subject.runs, 1U);
  b.exit(0);
  EXPECT_EQ(b.state(), "completed");
  b.tell(schedule_due{});
  EXPECT_EQ(b.state(), "waiting");
  EXPECT_EQ(b.subject.restarts, service{}.restarts) << "a run by schedule is no restart";
}

TEST(schedule, rests_while_its_task_is_stopped_by_request) {
  bench b;
  b.spec.kind = service_kind::task;
  b.tell(start_requested{});
  b.tell(stop_requested{});
  b.tell(schedule_due{});
  EXPECT_EQ(b.state(), "stopped");
  b.tell(start_requested{});
  b.tell(dependencies_met{});
  b.exit(0);
  b.tell(schedule_due{});
  EXPECT_EQ(b.state(), "waiting");
}

TEST(end_of_daemon, follows_a_failure_for_good_with_its_code) {
  bench b;
  b.spec.on_failure = end_action::exit;
  b.spec.restart = restart_policy::never;
  b.up();
  b.take();
  b.exit(42);
  EXPECT_EQ(b.take(), (steps{"end 42"}));
}

TEST(end_of_daemon, waits_until_the_attempts_are_used_up) {
  bench b;
  b.spec.on_failure = end_action::exit;
  b.spec.backoff.attempts = 2;
  b.spec.backoff.initial = 0s;
  b.up();
  b.exit(1);
  EXPECT_EQ(b.take(), (steps{"spawn"}));
  b.tell(dependencies_met{});
  b.tell(process_exited{b.id(), signaled{SIGSEGV, false}, false});
  EXPECT_EQ(b.take(), (steps{"spawn", "end 139"}));
}

TEST(end_of_daemon, follows_a_success_where_that_is_asked_for) {
  bench b;
  b.spec.on_success = end_action::exit;
  b.spec.restart = restart_policy::on_failure;
  b.up();
  b.take();
  b.exit(0);
  EXPECT_EQ(b.take(), (steps{"end 0"}));
}

TEST(end_of_daemon, never_follows_a_stop_by_request) {
  bench b;
  b.spec.on_failure = b.spec.on_success = end_action::exit;
  b.up();
  b.take();
  b.tell(stop_requested{});
  b.exit(1);
  EXPECT_EQ(b.take(), (steps{"TERM"}));
}

TEST(adoption, asks_a_ready_service_again_at_once) {
  bench b;
  b.spec.live = live_spec{tcp_target{}};
  b.up();
  b.tell(adopted{b.id()});
  EXPECT_EQ(b.state(), "ready");
  EXPECT_EQ(next_deadline(b.spec, b.subject), b.now);
}

TEST(adoption, asks_one_that_is_stopping_to_stop_again) {
  bench b;
  b.up();
  b.tell(stop_requested{});
  b.take();
  b.tell(adopted{b.id()});
  EXPECT_EQ(b.take(), (steps{"TERM"}));
}

TEST(adoption, begins_a_hook_again_that_died_with_the_daemon) {
  bench b;
  b.spec.hooks.before_start = {"a"};
  b.spec.hooks.after_stop = {"c"};
  b.start();
  b.tell(adopted{b.id()});
  EXPECT_EQ(b.take(), (steps{"before_start", "before_start"}));
  b.hook(hook_kind::before_start, true);
  b.tell(spawned{b.id(), 100});
  b.exit(0);
  b.take();
  b.tell(adopted{b.id()});
  EXPECT_EQ(b.take(), (steps{"after_stop"}));
}

TEST(adoption, an_end_that_nobody_saw_is_a_failure) {
  bench b;
  b.spec.restart = restart_policy::on_failure;
  b.up();
  b.tell(process_exited{b.id(), unseen{}, false});
  EXPECT_EQ(b.state(), "backoff");
  EXPECT_EQ(b.subject.reason, "ended unseen");
}

}  // namespace
}  // namespace workspaced::core
