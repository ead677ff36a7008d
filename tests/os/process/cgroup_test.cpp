// A run in a cgroup: nobody of it gets away, whatever he does.
#include "os/process/lab.hpp"

namespace workspaced::os::testing {
namespace {

class os_cgroup : public lab {
 protected:
  void SetUp() override {
    parent_ = cgroup_parent::find("workspaced-test-" + std::to_string(::getpid()));
    if (!parent_) GTEST_SKIP() << "this machine has nothing to test: " << parent_.error();
  }
  void TearDown() override {
    if (!parent_) return;
    for (const std::string& name : parent_->names()) {
      if (const auto left = parent_->open(name)) left->kill();
    }
    wait_until_empty(*parent_);
  }
  /// Starts os_child in a group of that name; 0 and a failed test when that fails.
  pid_t start_in(const std::string& name, std::vector<std::string> arguments) {
    auto home = parent_->make(name);
    EXPECT_TRUE(home);
    return start(child(std::move(arguments)), std::move(home));
  }
  [[nodiscard]] bool exists(const std::string& name) const {
    const auto names = parent_->names();
    return std::find(names.begin(), names.end(), name) != names.end();
  }
  boost::system::result<cgroup_parent, std::string> parent_{boost::system::in_place_error, "not asked for"};
};

TEST_F(os_cgroup, holds_its_process_and_is_gone_with_it) {
  const pid_t pid = start_in("web.1", {"stay"});
  EXPECT_EQ(parent_->names(), std::vector<std::string>{"web.1"});
  EXPECT_TRUE(table_.signal_group(pid, SIGTERM));
  ASSERT_TRUE(ended(pid));
  EXPECT_TRUE(run_until([&] { return table_.size() == 0; }));
  EXPECT_TRUE(run_until([&] { return !exists("web.1"); }));
}

TEST_F(os_cgroup, tells_a_nameless_orphan_from_a_stranger) {
  const pid_t pid = start_in("web.1", {"leave-nameless"});
  ASSERT_TRUE(ended(pid));
  const pid_t orphan = waited_for("nameless");
  EXPECT_TRUE(of(pid).group_left);
  EXPECT_TRUE(alive(orphan));
  EXPECT_TRUE(table_.signal_group(pid, SIGKILL));
  EXPECT_TRUE(run_until([&] { return of(pid).group_ends == 1; }));
  EXPECT_FALSE(alive(orphan));
}

TEST_F(os_cgroup, is_not_over_while_one_hands_on_to_the_next) {
  for (int i = 0; i < 6; ++i) {
    const pid_t pid = start_in("web." + std::to_string(i), {"leave-relay", "400"});
    ASSERT_TRUE(ended(pid));
    ASSERT_TRUE(of(pid).group_left) << "at the end of the leader, time " << i;
    const auto so_many = static_cast<std::size_t>(i + 1);
    ASSERT_TRUE(run_until([&] { return all_said("last").size() == so_many; }));
    EXPECT_TRUE(table_.signal_group(pid, SIGKILL));
    EXPECT_TRUE(run_until([&] { return of(pid).group_ends == 1; }));
    EXPECT_FALSE(alive(std::atoi(all_said("last").back().c_str())));
  }
}

TEST_F(os_cgroup, lets_the_nameless_hear_what_their_leader_heard) {
  const pid_t pid = start_in("web.1", {"stay-with-nameless"});
  const pid_t orphan = waited_for("nameless");
  EXPECT_TRUE(table_.signal_group(pid, SIGTERM));
  EXPECT_TRUE(run_until([&] { return of(pid).status && table_.size() == 0; }));
  EXPECT_FALSE(alive(orphan));
}

TEST_F(os_cgroup, of_a_run_that_nobody_remembers_is_found_and_ended) {
  const pid_t pid = start_in("web.1", {"leave-nameless"});
  ASSERT_TRUE(ended(pid));
  const pid_t orphan = waited_for("nameless");
  parent_->open("web.1")->kill();
  EXPECT_TRUE(run_until([&] { return !alive(orphan) && table_.size() == 0; }));
  EXPECT_FALSE(exists("web.1"));
}

}  // namespace
}  // namespace workspaced::os::testing
