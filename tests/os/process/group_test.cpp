// Process groups: stopped as a whole, and not over before the last of them is gone.
#include "os/process/lab.hpp"

namespace workspaced::os::testing {
namespace {

using os_group = lab;

TEST_F(os_group, signal_reaches_leader_and_members) {
  const pid_t leader = start(child({"family"}));
  const pid_t member = waited_for("member");
  EXPECT_TRUE(table_.signal_group(leader, SIGTERM));
  ASSERT_TRUE(ended(leader));
  EXPECT_EQ(of(leader).status, core::exit_status(core::signaled{SIGTERM}));
  EXPECT_TRUE(run_until([&] { return !place_of(member); }));
}

TEST_F(os_group, that_ignores_term_ends_with_kill) {
  const pid_t pid = start(child({"stay-ignoring-term"}));
  ASSERT_TRUE(run_until([&] { return !output().empty(); }));
  EXPECT_TRUE(table_.signal_group(pid, SIGTERM));
  EXPECT_TRUE(table_.signal_group(pid, 0)) << "TERM has ended it";
  EXPECT_TRUE(table_.signal_group(pid, SIGKILL));
  ASSERT_TRUE(ended(pid));
  EXPECT_EQ(of(pid).status, core::exit_status(core::signaled{SIGKILL}));
}

TEST_F(os_group, is_alive_while_a_member_outlives_the_leader) {
  const pid_t leader = start(child({"leave-member"}));
  ASSERT_TRUE(ended(leader));
  EXPECT_TRUE(of(leader).group_left);
  EXPECT_EQ(of(leader).group_ends, 0);
  EXPECT_EQ(table_.size(), 1U);
}

TEST_F(os_group, can_be_signalled_after_its_leader_is_gone) {
  const pid_t leader = start(child({"leave-member-ignoring-term"}));
  ASSERT_TRUE(ended(leader));
  const pid_t member = waited_for("member");
  EXPECT_TRUE(table_.signal_group(leader, SIGTERM));
  EXPECT_TRUE(alive(member));
  EXPECT_TRUE(table_.signal_group(leader, SIGKILL));
  EXPECT_TRUE(run_until([&] { return of(leader).group_ends != 0; }));
  EXPECT_FALSE(place_of(member));
  EXPECT_EQ(table_.size(), 0U);
  EXPECT_FALSE(table_.signal_group(leader, SIGKILL));
}

TEST_F(os_group, end_is_told_once) {
  const pid_t leader = start(child({"leave-member"}));
  ASSERT_TRUE(ended(leader));
  waited_for("member");
  table_.signal_group(leader, SIGKILL);
  ASSERT_TRUE(run_until([&] { return of(leader).group_ends != 0; }));
  run({"exit", "0"});  // one more SIGCHLD
  EXPECT_EQ(of(leader).ends, 1);
  EXPECT_EQ(of(leader).group_ends, 1);
}

TEST_F(os_group, handler_may_start_the_next_process) {
  bool next_ended = false;
  pid_t leader = 0;
  exit_handlers next;
  next.exited = [&](core::exit_status, bool) { next_ended = true; };
  exit_handlers first;
  first.exited = [&](core::exit_status, bool) { table_.signal_group(leader, SIGKILL); };
  first.group_gone = [&] { ASSERT_TRUE(table_.start(child({"exit", "0"}), next)); };
  const auto pid = table_.start(child({"leave-member"}), first);
  ASSERT_TRUE(pid);
  leader = *pid;
  EXPECT_TRUE(run_until([&] { return next_ended; }));
}

TEST_F(os_group, of_a_leader_with_a_dead_child_is_over_with_it) {
  const pid_t leader = start(child({"leave-zombie"}));
  ASSERT_TRUE(ended(leader));
  EXPECT_FALSE(of(leader).group_left);
  EXPECT_TRUE(run_until([] { return !has_zombie(); }));
}

TEST_F(os_group, is_over_when_only_a_zombie_of_somebody_else_is_left) {
  const pid_t leader = start(child({"leave-kept-zombie"}));
  ASSERT_TRUE(ended(leader));
  adopt(waited_for("keeper"));
  EXPECT_TRUE(of(leader).group_left);
  EXPECT_TRUE(run_until([&] { return of(leader).group_ends != 0; }));
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(os_group, is_not_over_while_one_hands_on_to_the_next) {
  for (int i = 0; i < 6; ++i) {
    spawn_request request = child({"leave-relay", "400"});
    request.marker = "WORKSPACED_RUN=relay/" + std::to_string(i);
    request.environment = {request.marker};
    const pid_t pid = start(request);
    ASSERT_TRUE(ended(pid));
    ASSERT_TRUE(of(pid).group_left) << "at the end of the leader, time " << i;
    const auto so_many = static_cast<std::size_t>(i + 1);
    ASSERT_TRUE(run_until([&] { return all_said("last").size() == so_many; }));
    EXPECT_TRUE(table_.signal_group(pid, SIGKILL)) << "time " << i;
    EXPECT_TRUE(run_until([&] { return of(pid).group_ends == 1; }));
    EXPECT_FALSE(alive(std::atoi(all_said("last").back().c_str())));
  }
}

}  // namespace
}  // namespace workspaced::os::testing
