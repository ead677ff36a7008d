#include "ctl/verdict.hpp"

#include "unit/ctl/fleets.hpp"

#include <gtest/gtest.h>

namespace workspaced::ctl {
namespace {

using core::status;
using test::fleet;
using test::service;

core::service_view task(const std::string& name, status state) {
  auto out = service(name, state);
  out.kind = core::service_kind::task;
  return out;
}

core::service_view run(core::service_view of, std::uint64_t number) {
  of.run = number;
  return of;
}

core::service_view needs(core::service_view of, const std::string& other, bool met) {
  of.depends_on.push_back({other, core::dependency_condition::ready, met, status::stopped});
  return of;
}

TEST(ctl_verdict, up_is_done_when_all_that_counts_is_ready) {
  EXPECT_EQ(judge_up(fleet({}), false), (verdict{outcome::done, {}}));
  EXPECT_EQ(judge_up(fleet({service("a", status::ready), task("t", status::completed)}), false).what,
            outcome::done);
  auto optional = service("o", status::failed);
  optional.required = false;
  auto idle = service("i", status::stopped);
  idle.autostart = idle.wanted = false;
  EXPECT_EQ(judge_up(fleet({service("a", status::ready), optional, idle}), false).what, outcome::done);
}

TEST(ctl_verdict, up_waits_for_each_state_that_is_not_the_end) {
  for (const auto state : {status::stopped, status::waiting, status::starting, status::degraded,
                           status::stopping, status::backoff, status::completed}) {
    const auto it = judge_up(fleet({service("a", state), service("b", status::ready)}), false);
    EXPECT_EQ(it, (verdict{outcome::wait, {"a"}})) << core::to_string(state);
  }
  EXPECT_EQ(judge_up(fleet({task("t", status::ready)}), false).what, outcome::wait) << "a task must complete";
}

TEST(ctl_verdict, up_fails_at_once_when_one_is_given_up) {
  const auto it = judge_up(fleet({service("a", status::starting), service("b", status::failed)}), false);
  EXPECT_EQ(it, (verdict{outcome::failed, {"b"}}));
}

TEST(ctl_verdict, up_out_of_time_is_a_failure_when_one_crashes_again_and_again) {
  EXPECT_EQ(judge_up(fleet({service("a", status::starting)}), true), (verdict{outcome::timed_out, {"a"}}));
  EXPECT_EQ(judge_up(fleet({service("a", status::starting), service("b", status::backoff)}), true),
            (verdict{outcome::failed, {"b"}}));
  auto again = service("c", status::starting);
  again.failures = 2;
  EXPECT_EQ(judge_up(fleet({again}), true), (verdict{outcome::failed, {"c"}})) << "in the next attempt";
  EXPECT_EQ(judge_up(fleet({service("a", status::ready)}), true).what, outcome::done) << "just in time";
}

TEST(ctl_verdict, start_fails_with_the_first_failed_run) {
  const baseline since = {{"a", {3, status::backoff}}};
  EXPECT_EQ(judge_start(fleet({run(service("a", status::backoff), 3)}), since, false).what, outcome::wait)
      << "this failure is older than the request";
  EXPECT_EQ(judge_start(fleet({run(service("a", status::starting), 4)}), since, false).what, outcome::wait);
  EXPECT_EQ(judge_start(fleet({run(service("a", status::backoff), 4)}), since, false).what, outcome::failed);
  EXPECT_EQ(judge_start(fleet({run(service("a", status::ready), 4)}), since, false).what, outcome::done);
}

TEST(ctl_verdict, start_sees_a_failed_run_in_the_attempt_after_it) {
  const baseline since = {{"a", {3, status::stopped}}};
  auto again = run(service("a", status::starting), 5);
  again.failures = 1;
  again.last_run = core::ended_run{4, core::exited{1}, "exit code 1", {}, {}};
  EXPECT_EQ(judge_start(fleet({again}), since, false).what, outcome::failed);
  again.last_run->run = 3;
  EXPECT_EQ(judge_start(fleet({again}), since, false).what, outcome::wait) << "a failure before the request";
}

TEST(ctl_verdict, start_of_a_failed_one_does_not_take_the_old_failure_for_an_answer) {
  const baseline since = {{"a", {3, status::failed}}};
  EXPECT_EQ(judge_start(fleet({run(service("a", status::failed), 3)}), since, false).what, outcome::wait);
  EXPECT_EQ(judge_start(fleet({run(service("a", status::failed), 4)}), since, false).what, outcome::failed);
  EXPECT_EQ(judge_start(fleet({run(service("a", status::failed), 3)}), since, true).what, outcome::timed_out);
}

TEST(ctl_verdict, restart_needs_a_new_run) {
  const baseline since = {{"a", {3, status::ready}}, {"b", {1, status::ready}}};
  const auto judge = [&since](std::uint64_t a, std::uint64_t b) {
    return judge_restart(fleet({run(service("a", status::ready), a), run(service("b", status::ready), b)}),
                         since, false);
  };
  EXPECT_EQ(judge(3, 1), (verdict{outcome::wait, {"a", "b"}}));
  EXPECT_EQ(judge(4, 1), (verdict{outcome::wait, {"b"}}));
  EXPECT_EQ(judge(4, 2).what, outcome::done);
}

TEST(ctl_verdict, stop_is_done_when_no_process_is_left) {
  EXPECT_EQ(judge_stop(fleet({service("a", status::stopping)}), {"a"}, false).what, outcome::wait);
  EXPECT_EQ(judge_stop(fleet({service("a", status::backoff)}), {"a"}, false).what, outcome::wait);
  EXPECT_EQ(judge_stop(fleet({service("a", status::stopped)}), {"a"}, false).what, outcome::done);
  EXPECT_EQ(judge_stop(fleet({service("a", status::failed)}), {"a"}, false).what, outcome::done);
  EXPECT_EQ(judge_stop(fleet({service("a", status::stopping)}), {"a"}, true).what, outcome::timed_out);
}

TEST(ctl_verdict, remove_is_done_when_the_service_is_gone) {
  EXPECT_EQ(judge_remove(fleet({service("a", status::stopping)}), "a", false).what, outcome::wait);
  EXPECT_EQ(judge_remove(fleet({service("a", status::stopped)}), "a", false).what, outcome::done);
  EXPECT_EQ(judge_remove(fleet({service("b", status::ready)}), "a", false).what, outcome::done);
  EXPECT_EQ(judge_remove(fleet({service("a", status::stopping)}), "a", true).what, outcome::timed_out);
}

TEST(ctl_verdict, wait_knows_three_goals) {
  const auto now = fleet({service("a", status::ready), service("f", status::failed),
                          service("s", status::stopped), task("t", status::completed)});
  const auto judge = [&now](const char* name, wait_goal goal) {
    return judge_wait(now, {name}, goal, false).what;
  };
  EXPECT_EQ(judge("a", wait_goal::ready), outcome::done);
  EXPECT_EQ(judge("a", wait_goal::stopped), outcome::wait);
  EXPECT_EQ(judge("a", wait_goal::completed), outcome::wait);
  EXPECT_EQ(judge("f", wait_goal::ready), outcome::failed);
  EXPECT_EQ(judge("f", wait_goal::stopped), outcome::done);
  EXPECT_EQ(judge("f", wait_goal::completed), outcome::failed);
  EXPECT_EQ(judge("s", wait_goal::stopped), outcome::done);
  EXPECT_EQ(judge("s", wait_goal::ready), outcome::wait);
  EXPECT_EQ(judge("t", wait_goal::completed), outcome::done);
  EXPECT_EQ(judge("t", wait_goal::ready), outcome::done);
  EXPECT_EQ(judge("gone", wait_goal::ready), outcome::failed) << "reloaded away";
}

TEST(ctl_verdict, root_causes_are_the_ends_of_unmet_chains) {
  const auto now = fleet({needs(service("a", status::waiting), "b", false),
                          needs(needs(service("b", status::waiting), "c", false), "d", true),
                          service("c", status::backoff), service("d", status::ready)});
  EXPECT_EQ(root_causes(now, "a"), (std::vector<std::string>{"c"}));
  EXPECT_EQ(root_causes(now, "c"), (std::vector<std::string>{"c"}));
  EXPECT_EQ(root_causes(now, "nobody"), (std::vector<std::string>{}));
}

TEST(ctl_verdict, exit_codes_are_as_promised) {
  EXPECT_EQ(to_exit_code(outcome::done), exit_code::done);
  EXPECT_EQ(static_cast<int>(to_exit_code(outcome::failed)), 1);
  EXPECT_EQ(static_cast<int>(to_exit_code(outcome::timed_out)), 5);
}

}  // namespace
}  // namespace workspaced::ctl
