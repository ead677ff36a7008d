// How ends are told, and that none is missed.
#include "os/process/lab.hpp"

namespace workspaced::os::testing {
namespace {

using os_exit = lab;

TEST_F(os_exit, tells_the_exit_code) {
  EXPECT_EQ(run({"exit", "9"}), core::exit_status(core::exited{9}));
  EXPECT_EQ(run({"exit", "0"}), core::exit_status(core::exited{0}));
}

TEST_F(os_exit, tells_the_signal) { EXPECT_EQ(run({"raise", "9"}), core::exit_status(core::signaled{9})); }

TEST_F(os_exit, is_told_once_and_the_process_is_forgotten) {
  const pid_t pid = start(child({"exit", "0"}));
  ASSERT_TRUE(ended(pid));
  while (loop_.poll() != 0) {
  }
  EXPECT_EQ(of(pid).ends, 1);
  EXPECT_EQ(of(pid).group_ends, 0);
  EXPECT_EQ(table_.size(), 0U);
  EXPECT_TRUE(run_until([] { return !has_zombie(); }));
  EXPECT_FALSE(table_.signal_group(pid, SIGTERM));
}

TEST_F(os_exit, before_the_loop_runs_is_not_lost) {
  const pid_t pid = start(child({"exit", "3"}));
  while (alive(pid)) ::usleep(500);
  EXPECT_FALSE(of(pid).status);
  ASSERT_TRUE(ended(pid));
  EXPECT_EQ(of(pid).status, core::exit_status(core::exited{3}));
}

TEST_F(os_exit, of_many_at_once_is_told_for_each) {
  std::vector<pid_t> pids;
  for (int i = 0; i < 100; ++i) pids.push_back(start(child({"exit", std::to_string(i)})));
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(ended(pids[static_cast<std::size_t>(i)]));
    EXPECT_EQ(of(pids[static_cast<std::size_t>(i)]).status, core::exit_status(core::exited{i}));
  }
  EXPECT_TRUE(run_until([] { return !has_zombie(); }));
}

TEST_F(os_exit, handler_may_start_the_next_process) {
  int runs = 0;
  std::function<void()> again = [&] {
    exit_handlers handlers;
    handlers.exited = [&](core::exit_status, bool) {
      if (++runs < 50) again();
    };
    ASSERT_TRUE(table_.start(child({"exit", "1"}), std::move(handlers)));
  };
  again();
  EXPECT_TRUE(run_until([&] { return runs == 50; }));
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(os_exit, handler_may_end_another_process) {
  const pid_t victim = start(child({"stay"}));
  exit_handlers handlers;
  handlers.exited = [&](core::exit_status, bool) { table_.signal_group(victim, SIGKILL); };
  ASSERT_TRUE(table_.start(child({"exit", "0"}), std::move(handlers)));
  ASSERT_TRUE(ended(victim));
  EXPECT_EQ(of(victim).status, core::exit_status(core::signaled{SIGKILL}));
}

TEST_F(os_exit, is_told_though_the_process_has_closed_its_output) {
  const pid_t pid = start(child({"stay-without-stdio"}));
  ASSERT_TRUE(run_until([&] { return !output().empty(); }));
  EXPECT_FALSE(of(pid).status);
  EXPECT_TRUE(table_.signal_group(pid, SIGTERM));
  ASSERT_TRUE(ended(pid));
  EXPECT_EQ(of(pid).status, core::exit_status(core::signaled{SIGTERM}));
}

TEST_F(os_exit, of_an_orphan_comes_to_us_and_leaves_no_zombie) {
  run({"leave-orphan"});
  const pid_t orphan = waited_for("orphan");
  EXPECT_EQ(said("parent"), std::to_string(::getpid()));
  EXPECT_TRUE(run_until([&] { return !place_of(orphan); })) << "it is still in /proc";
  EXPECT_EQ(table_.size(), 0U);
}

// Without the fixture: no table may listen when the child dies.
TEST(os_first_table, reaps_what_died_before_it) {
  if (::fork() == 0) ::_exit(0);
  while (!has_zombie()) ::usleep(500);
  boost::asio::io_context loop(1);
  const process_table table(loop);
  loop.poll();
  EXPECT_FALSE(has_zombie());
}

}  // namespace
}  // namespace workspaced::os::testing
