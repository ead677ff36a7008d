// Named scenarios of one service, as scripts of events.
#include "core/lifecycle.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace workspaced::core {
namespace {

using namespace std::chrono_literals;

/// One service, its clock, and what it asked for last.
struct life {
  service_spec spec;
  service subject;
  time_point now{};
  std::vector<effect> effects;

  life() {
    spec.name = "web";
    spec.command = {"web"};
    spec.backoff.jitter = 0;
  }

  life& tell(const event& what) {
    step result = transition(spec, std::move(subject), what, context{now, 0.5});
    subject = std::move(result.next);
    effects = std::move(result.effects);
    return *this;
  }
  life& pass(duration span) {
    now += span;
    return tell(time_passed{});
  }
  /// Up to a process; without a ready probe up to the time after which it is taken for ready.
  life& start() {
    tell(start_requested{}).tell(dependencies_met{}).tell(spawned{id(), 100});
    return spec.ready || spec.kind == service_kind::task ? *this : pass(500ms);
  }
  life& exit(int code, bool group_alive = false) {
    return tell(process_exited{id(), exited{code}, group_alive});
  }
  life& answer(probe_kind kind, bool ok, bool refused = false) {
    return tell(probe_answered{id(), kind, ok, refused, ok ? "200 OK" : "503 Service Unavailable"});
  }

  [[nodiscard]] run_id id() const { return {subject.runs}; }
  [[nodiscard]] status state() const { return status_of(subject); }
  template <class Effect>
  [[nodiscard]] const Effect* asked() const {
    for (const effect& each : effects) {
      if (const auto* found = std::get_if<Effect>(&each)) return found;
    }
    return nullptr;
  }
};

void with_ready(life& web) { web.spec.ready = ready_spec{tcp_target{"127.0.0.1", 80}}; }
void with_live(life& web) { web.spec.live = live_spec{tcp_target{"127.0.0.1", 80}}; }

TEST(lifecycle, without_a_probe_it_is_ready_when_it_has_run_for_a_moment) {
  life web;
  web.tell(start_requested{}).tell(dependencies_met{}).tell(spawned{web.id(), 100});
  EXPECT_EQ(web.state(), status::starting);
  EXPECT_EQ(*next_deadline(web.spec, web.subject), web.now + 500ms);
  web.pass(500ms);
  EXPECT_EQ(web.state(), status::ready);
}

TEST(lifecycle, without_a_probe_a_program_that_ends_at_once_was_never_ready) {
  life web;
  web.tell(start_requested{}).tell(dependencies_met{}).tell(spawned{web.id(), 100}).pass(499ms).exit(0);
  EXPECT_EQ(web.state(), status::backoff);
  EXPECT_EQ(web.subject.ready_after, std::nullopt);
}

TEST(lifecycle, with_a_probe_it_is_not_ready_until_proven) {
  life web;
  with_ready(web);
  web.start();
  EXPECT_EQ(web.state(), status::starting);
  ASSERT_NE(web.asked<run_probe>(), nullptr);
  web.now += 3s;
  web.answer(probe_kind::ready, false);
  EXPECT_EQ(web.state(), status::starting);
  EXPECT_EQ(web.subject.reason, "not ready yet: 503 Service Unavailable");
  web.pass(250ms);
  ASSERT_NE(web.asked<run_probe>(), nullptr);
  web.answer(probe_kind::ready, true);
  EXPECT_EQ(web.state(), status::ready);
  EXPECT_EQ(web.subject.ready_after, duration(3250ms));
  EXPECT_EQ(web.subject.reason, "ready after 3.2 s");
}

TEST(lifecycle, asks_again_soon_while_nothing_listens) {
  life web;
  with_ready(web);
  web.start().answer(probe_kind::ready, false, true);
  EXPECT_EQ(*next_deadline(web.spec, web.subject), web.now + 5ms);
  web.pass(2s).answer(probe_kind::ready, false, true);
  EXPECT_EQ(*next_deadline(web.spec, web.subject), web.now + 20ms);
  web.pass(90s).answer(probe_kind::ready, false, true);
  EXPECT_EQ(*next_deadline(web.spec, web.subject), web.now + 250ms) << "the interval is the longest pause";
}

TEST(lifecycle, needs_as_many_successes_in_a_row_as_asked) {
  life web;
  with_ready(web);
  web.spec.ready->success_threshold = 2;
  web.start().answer(probe_kind::ready, true);
  EXPECT_EQ(web.state(), status::starting);
  web.answer(probe_kind::ready, false).answer(probe_kind::ready, true);
  EXPECT_EQ(web.state(), status::starting);
  web.answer(probe_kind::ready, true);
  EXPECT_EQ(web.state(), status::ready);
}

TEST(lifecycle, not_ready_in_time_is_a_failed_start_that_says_why) {
  life web;
  with_ready(web);
  web.spec.ready->timeout = 10s;
  web.start().answer(probe_kind::ready, false).pass(10s);
  EXPECT_EQ(web.state(), status::stopping);
  ASSERT_NE(web.asked<signal_group>(), nullptr);
  EXPECT_EQ(web.asked<signal_group>()->signal, SIGTERM);
  web.tell(process_exited{web.id(), signaled{SIGTERM}, false});
  EXPECT_EQ(web.state(), status::backoff);
  EXPECT_EQ(web.subject.reason, "not ready within 10 s: 503 Service Unavailable");
  EXPECT_EQ(web.subject.failures, 1U);
}

TEST(lifecycle, a_crash_is_retried_with_growing_pauses_and_then_given_up) {
  life web;
  web.spec.backoff.attempts = 3;
  web.start().exit(3);
  EXPECT_EQ(web.state(), status::backoff);
  EXPECT_EQ(*next_deadline(web.spec, web.subject), web.now + 500ms);
  web.pass(500ms).tell(dependencies_met{}).tell(spawned{web.id(), 101}).exit(3);
  EXPECT_EQ(*next_deadline(web.spec, web.subject), web.now + 1s);
  web.pass(1s).tell(dependencies_met{}).tell(spawned{web.id(), 102}).exit(3);
  EXPECT_EQ(web.state(), status::failed);
  EXPECT_EQ(web.subject.reason, "gave up after 3 failed runs in a row: exit code 3");
  EXPECT_EQ(next_deadline(web.spec, web.subject), std::nullopt);
  EXPECT_EQ(web.subject.restarts[static_cast<std::size_t>(restart_cause::exit)], 2U);
}

TEST(lifecycle, a_stable_run_clears_the_count_of_failures) {
  life web;
  web.start().exit(1).pass(500ms).tell(dependencies_met{}).tell(spawned{web.id(), 101});
  web.now += 60s;
  web.exit(1);
  EXPECT_EQ(web.subject.failures, 1U);
  EXPECT_EQ(*next_deadline(web.spec, web.subject), web.now + 500ms);
}

TEST(lifecycle, without_a_pause_it_is_back_at_once) {
  life web;
  web.spec.backoff.initial = 0ms;
  web.start().exit(1);
  EXPECT_EQ(web.state(), status::waiting);
}

TEST(lifecycle, policies_decide_what_follows_an_exit) {
  struct row {
    restart_policy policy;
    int code;
    status expected;
  };
  for (const row& each :
       {row{restart_policy::always, 0, status::backoff}, row{restart_policy::always, 1, status::backoff},
        row{restart_policy::on_failure, 0, status::stopped},
        row{restart_policy::on_failure, 1, status::backoff}, row{restart_policy::never, 0, status::stopped},
        row{restart_policy::never, 1, status::failed}}) {
    life web;
    web.spec.restart = each.policy;
    web.start().exit(each.code);
    EXPECT_EQ(web.state(), each.expected) << static_cast<int>(each.policy) << " exit " << each.code;
  }
}

TEST(lifecycle, a_task_completes_by_success_and_fails_otherwise) {
  life task;
  task.spec.kind = service_kind::task;
  task.spec.restart = restart_policy::never;
  task.start();
  EXPECT_EQ(task.state(), status::starting);
  task.exit(0);
  EXPECT_EQ(task.state(), status::completed);
  task.tell(start_requested{}).tell(dependencies_met{}).tell(spawned{task.id(), 7}).exit(2);
  EXPECT_EQ(task.state(), status::failed);
  EXPECT_EQ(task.subject.reason, "exit code 2");
}

TEST(lifecycle, a_failed_spawn_says_which_step_failed) {
  life web;
  web.tell(start_requested{})
      .tell(dependencies_met{})
      .tell(spawn_failed{web.id(), "cannot start: exec: no such file"});
  EXPECT_EQ(web.state(), status::backoff);
  EXPECT_EQ(web.subject.reason, "cannot start: exec: no such file");
  EXPECT_FALSE(web.subject.last_run->status);
}

TEST(lifecycle, stop_escalates_to_kill_after_the_timeout) {
  life web;
  web.start().tell(stop_requested{});
  EXPECT_EQ(web.state(), status::stopping);
  web.pass(9999ms);
  EXPECT_EQ(web.asked<signal_group>(), nullptr);
  web.pass(1ms);
  ASSERT_NE(web.asked<signal_group>(), nullptr);
  EXPECT_EQ(web.asked<signal_group>()->signal, SIGKILL);
  web.tell(process_exited{web.id(), signaled{SIGKILL}, false});
  EXPECT_EQ(web.state(), status::stopped);
}

TEST(lifecycle, a_run_is_over_when_its_whole_group_is_gone) {
  life web;
  web.start().exit(1, true);
  EXPECT_EQ(web.state(), status::stopping) << "what it left behind is stopped first";
  ASSERT_NE(web.asked<signal_group>(), nullptr);
  web.tell(group_gone{web.id()});
  EXPECT_EQ(web.state(), status::backoff);
  EXPECT_EQ(web.subject.reason, "exit code 1");
}

TEST(lifecycle, start_during_stop_brings_it_back_and_stop_during_restart_keeps_it_down) {
  life web;
  web.start().tell(stop_requested{}).tell(start_requested{}).exit(0);
  EXPECT_EQ(web.state(), status::waiting);
  web.tell(dependencies_met{})
      .tell(spawned{web.id(), 2})
      .tell(restart_requested{})
      .tell(stop_requested{})
      .exit(0);
  EXPECT_EQ(web.state(), status::stopped);
}

TEST(lifecycle, restart_by_request_counts_as_one_and_not_as_a_failure) {
  life web;
  web.start().tell(restart_requested{}).exit(0);
  EXPECT_EQ(web.state(), status::waiting);
  web.tell(dependencies_met{});
  EXPECT_EQ(web.subject.restarts[static_cast<std::size_t>(restart_cause::request)], 1U);
  EXPECT_EQ(web.subject.failures, 0U);
}

TEST(lifecycle, liveness_restarts_after_the_threshold) {
  life web;
  with_live(web);
  web.start();
  for (int i = 0; i < 2; ++i) web.pass(10s).answer(probe_kind::live, false);
  EXPECT_EQ(web.state(), status::ready);
  web.pass(10s).answer(probe_kind::live, false);
  EXPECT_EQ(web.state(), status::stopping);
  web.exit(0);
  EXPECT_EQ(web.state(), status::backoff);
  EXPECT_EQ(web.subject.cause_of_next, restart_cause::liveness);
  EXPECT_EQ(web.subject.reason, "live probe failed 3 times: 503 Service Unavailable");
}

TEST(lifecycle, one_good_answer_clears_the_failures) {
  life web;
  with_live(web);
  web.start();
  for (int i = 0; i < 10; ++i) {
    web.pass(10s).answer(probe_kind::live, false).pass(10s).answer(probe_kind::live, false);
    web.pass(10s).answer(probe_kind::live, true);
  }
  EXPECT_EQ(web.state(), status::ready);
}

TEST(lifecycle, liveness_that_only_reports_degrades_and_recovers) {
  life web;
  with_live(web);
  web.spec.live->on_failure = live_action::report;
  web.spec.live->failure_threshold = 1;
  web.start().pass(10s).answer(probe_kind::live, false);
  EXPECT_EQ(web.state(), status::degraded);
  web.pass(10s).answer(probe_kind::live, true);
  EXPECT_EQ(web.state(), status::ready);
}

TEST(lifecycle, probes_of_an_ended_run_are_cancelled) {
  life web;
  with_live(web);
  web.start().exit(1);
  EXPECT_NE(web.asked<cancel_probes>(), nullptr);
}

TEST(lifecycle, a_changed_policy_arms_and_disarms_the_live_probe) {
  life web;
  web.start();
  EXPECT_EQ(next_deadline(web.spec, web.subject), std::nullopt);
  with_live(web);
  web.tell(policy_changed{});
  EXPECT_EQ(next_deadline(web.spec, web.subject), web.now);
  web.spec.live.reset();
  web.tell(policy_changed{});
  EXPECT_EQ(next_deadline(web.spec, web.subject), std::nullopt);
}

TEST(lifecycle, news_of_another_run_changes_nothing) {
  life web;
  web.start();
  const run_id old{web.subject.runs + 1};
  web.tell(process_exited{old, exited{1}, false}).tell(group_gone{old}).tell(spawn_failed{old, "late"});
  EXPECT_EQ(web.state(), status::ready);
}

}  // namespace
}  // namespace workspaced::core
