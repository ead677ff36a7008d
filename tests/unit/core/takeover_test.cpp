#include "core/takeover.hpp"

#include <gtest/gtest.h>

namespace workspaced::core {
namespace {

using namespace std::chrono_literals;

const time_point then{1s};
const time_point now{9s};

service with_state(service_state state) {
  service subject;
  subject.state = std::move(state);
  subject.wanted = true;
  subject.runs = 5;
  return subject;
}

service ready_one() { return with_state(in::ready{{{5}, then, 100}, {}}); }
service being_started() { return with_state(in::starting{{{5}, then, std::nullopt}, {}, false}); }

const run_remains leader{5, 100, false};
const run_remains only_others{5, std::nullopt, true};

template <class Event>
bool is(const takeover& next) {
  return next.since && std::holds_alternative<Event>(*next.since);
}

TEST(takeover, goes_on_with_the_process_that_is_there) {
  const takeover next = take_over(ready_one(), leader, now);
  EXPECT_TRUE(is<adopted>(next));
  EXPECT_EQ(status_of(next.state), status::ready);
}

TEST(takeover, a_process_that_is_gone_has_ended_unseen) {
  const takeover next = take_over(ready_one(), std::nullopt, now);
  ASSERT_TRUE(is<process_exited>(next));
  const auto& what = std::get<process_exited>(*next.since);
  EXPECT_EQ(what.run.value, 5U);
  EXPECT_EQ(what.status, exit_status(unseen{}));
  EXPECT_FALSE(what.group_alive);
}

TEST(takeover, what_it_left_behind_is_taken_over) {
  const takeover next = take_over(ready_one(), only_others, now);
  ASSERT_TRUE(is<process_exited>(next));
  EXPECT_TRUE(std::get<process_exited>(*next.since).group_alive);
}

TEST(takeover, a_process_started_in_the_last_moment_gets_its_number) {
  const takeover next = take_over(being_started(), leader, now);
  EXPECT_TRUE(is<adopted>(next));
  EXPECT_EQ(current_run(next.state)->pid, 100);
}

TEST(takeover, a_start_that_did_not_come_about_is_begun_again) {
  const takeover next = take_over(being_started(), std::nullopt, now);
  ASSERT_TRUE(is<adopted>(next));
  const step after = transition(service_spec{}, next.state, *next.since, context{now});
  ASSERT_EQ(after.effects.size(), 1U);
  EXPECT_EQ(std::get<spawn_process>(after.effects[0]).run.value, 5U);
}

TEST(takeover, an_end_that_was_told_is_not_told_again) {
  service subject = with_state(in::stopping{{{5}, then, 100}, now, false, std::nullopt, false});
  subject.last_run = finished_run{{5}, exited{0}, "exit code 0", then, 1s};
  EXPECT_TRUE(is<group_gone>(take_over(subject, std::nullopt, now)));
  EXPECT_TRUE(is<adopted>(take_over(subject, only_others, now)));
}

TEST(takeover, a_run_that_nobody_remembers_goes_on_as_if_just_started) {
  const takeover next = take_over(service{}, run_remains{7, 100, false}, now);
  EXPECT_TRUE(is<adopted>(next));
  EXPECT_EQ(status_of(next.state), status::starting);
  EXPECT_TRUE(next.state.wanted);
  EXPECT_EQ(next.state.runs, 7U);
  EXPECT_EQ(current_run(next.state)->pid, 100);
}

TEST(takeover, a_newer_run_than_the_remembered_one_counts) {
  service subject = with_state(in::backoff{now});
  const takeover next = take_over(subject, run_remains{6, 100, false}, now);
  EXPECT_EQ(status_of(next.state), status::starting);
  EXPECT_EQ(next.state.runs, 6U);
}

TEST(takeover, without_a_run_nothing_has_happened_since) {
  for (const service_state& state : {service_state(in::stopped{}), service_state(in::backoff{now}),
                                     service_state(in::failed{}), service_state(in::completed{})}) {
    const takeover next = take_over(with_state(state), std::nullopt, now);
    EXPECT_FALSE(next.since);
    EXPECT_EQ(next.state.state.index(), state.index());
  }
}

}  // namespace
}  // namespace workspaced::core
