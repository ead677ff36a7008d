#include "core/process_tree.hpp"

#include <gtest/gtest.h>

#include <string>

namespace workspaced::core {
namespace {

/// The numbers of the members.
std::string members(const std::vector<process_row>& all, const run_traces& run) {
  std::string text;
  for (const process_row& each : members_of(all, run))
    text += (text.empty() ? "" : " ") + std::to_string(each.pid);
  return text;
}

// pid, parent, session, start
const std::vector<process_row> house = {
    {1, 0, 1, 1},        {50, 1, 50, 5},  // init, the daemon
    {100, 50, 100, 10},                   // the leader
    {101, 100, 100, 11}, {102, 101, 100, 12},
    {110, 100, 110, 13}, {111, 110, 110, 14},  // a session of its own, parent alive
    {120, 50, 120, 15},  {121, 120, 120, 16},  // the same, its parent gone: the daemon's child now
    {200, 50, 200, 20},  {201, 200, 200, 21},  // another service
    {300, 1, 300, 30},                         // a stranger
};

TEST(process_tree, a_run_is_its_leaders_session_and_all_who_descend_from_it) {
  EXPECT_EQ(members(house, {100, {}, {}}), "100 101 102 110 111");
}

TEST(process_tree, who_has_left_everything_is_found_by_the_marker_with_all_it_started) {
  EXPECT_EQ(members(house, {100, {}, {120}}), "100 101 102 110 111 120 121");
  EXPECT_EQ(members(house, {0, {}, {121}}), "120 121") << "a member's session is the run's";
}

TEST(process_tree, who_was_seen_before_stays_a_member) {
  EXPECT_EQ(members(house, {0, {{110, 100, 110, 13}}, {}}), "110 111");
}

TEST(process_tree, a_number_that_is_used_again_is_another_process) {
  EXPECT_EQ(members(house, {0, {{300, 100, 100, 9}}, {}}), "");
  EXPECT_EQ(members(house, {0, {{200, 100, 100, 9}, {110, 100, 110, 13}}, {}}), "110 111");
}

TEST(process_tree, when_the_leader_is_reaped_its_number_says_nothing) {
  EXPECT_EQ(members(house, {0, {}, {}}), "");
}

TEST(process_tree, nobody_else_is_ever_a_member) {
  for (const int stranger : {1, 50, 200, 201, 300}) {
    const std::string all = " " + members(house, {100, {{110, 1, 1, 13}}, {120}}) + " ";
    EXPECT_EQ(all.find(" " + std::to_string(stranger) + " "), std::string::npos) << stranger;
  }
}

}  // namespace
}  // namespace workspaced::core
