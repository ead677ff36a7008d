#include "unit/state/sample.hpp"

#include <gtest/gtest.h>

namespace workspaced::state {
namespace {

/// Each member of the text is compared by writing what was read once more: what is left out in one direction
/// is left out in the second text.
TEST(record, comes_back_as_it_went) {
  for (const auto& state : all_states()) {
    const record before = sample(state);
    const std::string text = to_text(before);
    const auto after = from_text(text);
    ASSERT_TRUE(after) << after.error() << "\n" << text;
    EXPECT_EQ(to_text(*after), text);
    EXPECT_EQ(after->state.state.index(), state.index());
    EXPECT_EQ(after->state.runs, before.state.runs);
    EXPECT_EQ(after->state.restarts, before.state.restarts);
    EXPECT_EQ(after->state.since, before.state.since);
    EXPECT_EQ(after->state.last_run->status, before.state.last_run->status);
    EXPECT_EQ(after->fingerprint, before.fingerprint);
    EXPECT_EQ(after->stop_timeout, before.stop_timeout);
    const core::run* run = core::current_run(after->state);
    const core::run* expected = core::current_run(before.state);
    ASSERT_EQ(run == nullptr, expected == nullptr);
    if (run == nullptr) continue;
    EXPECT_EQ(run->id, expected->id);
    EXPECT_EQ(run->pid, expected->pid);
    EXPECT_EQ(run->since, expected->since);
  }
}

TEST(record, every_way_to_end_is_told_apart) {
  for (const core::exit_status& status :
       {core::exit_status(core::exited{3}), core::exit_status(core::unseen{}),
        core::exit_status(core::signaled{11, false})}) {
    record one = sample(core::in::stopped{});
    one.state.last_run->status = status;
    EXPECT_EQ(from_text(to_text(one))->state.last_run->status, status);
  }
}

TEST(record, what_is_none_fails_with_a_word) {
  for (const char* text : {"", "{}", "[]", "null", R"({"service":1})", R"({"service":"a"})",
                           R"({"service":"a","state":"happy"})", R"({"service":"a","state":"ready"})",
                           R"({"service":"a","state":"ready","run":{"id":"x"}})"}) {
    const auto none = from_text(text);
    ASSERT_FALSE(none) << text;
    EXPECT_FALSE(none.error().empty());
  }
}

TEST(record, members_of_a_later_version_are_passed_over) {
  const auto one = from_text(R"({"service":"a","state":"stopped","colour":"green"})");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->service, "a");
}

TEST(record, a_specification_for_removal_only_stops) {
  const core::service_spec spec = spec_for_removal(sample(core::in::stopped{}));
  EXPECT_EQ(spec.name, "web");
  EXPECT_FALSE(spec.autostart);
  EXPECT_EQ(spec.stop.signal, 2);
  EXPECT_EQ(spec.stop.timeout, core::duration(1000));
  EXPECT_EQ(spec.log.file, "/var/log/web.log");
}

}  // namespace
}  // namespace workspaced::state
