// What a child gets, though its parent is in another state.
#include "os/process/lab.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>

#include <cstdint>

namespace workspaced::os::testing {
namespace {

using os_spawn = lab;

TEST_F(os_spawn, gives_exactly_three_descriptors) {
  const unique_fd inheritable(::open("/dev/zero", O_RDWR));
  const unique_fd far_away(::fcntl(inheritable.get(), F_DUPFD, 900));
  ASSERT_TRUE(far_away);
  run({"dump"});
  const std::vector<std::string> expected = {"0 /dev/null", "1 " + path("out"), "2 " + path("out")};
  EXPECT_EQ(all_said("fd"), expected);
}

TEST_F(os_spawn, sends_output_that_nobody_wants_to_dev_null) {
  spawn_request request = child({"dump"});
  request.stderr_fd = -1;
  ASSERT_TRUE(ended(start(request)));
  EXPECT_EQ(all_said("fd").at(2), "2 /dev/null");
}

TEST_F(os_spawn, keeps_outputs_apart_whose_numbers_are_in_the_way) {
  // The child's 1 and 2 are given as our 2 and 1: whoever copies one after the other loses one of them.
  const unique_fd first(::open(path("out").c_str(), O_RDWR | O_CREAT, 0600));
  const unique_fd second(::open(path("second").c_str(), O_RDWR | O_CREAT, 0600));
  const unique_fd kept_out(::fcntl(1, F_DUPFD_CLOEXEC, 3));
  const unique_fd kept_err(::fcntl(2, F_DUPFD_CLOEXEC, 3));
  ::dup2(second.get(), 1);
  ::dup2(first.get(), 2);
  spawn_request request = child({"dump"});
  request.stdout_fd = 2;
  request.stderr_fd = 1;
  const pid_t pid = start(request);
  ::dup2(kept_out.get(), 1);
  ::dup2(kept_err.get(), 2);
  ASSERT_TRUE(ended(pid));
  const std::vector<std::string> expected = {"0 /dev/null", "1 " + path("out"), "2 " + path("second")};
  EXPECT_EQ(all_said("fd"), expected);
}

TEST_F(os_spawn, works_with_our_own_stdin_closed) {
  const unique_fd kept(::fcntl(0, F_DUPFD_CLOEXEC, 3));
  ::close(0);
  const pid_t pid = start(child({"dump"}));
  ::dup2(kept.get(), 0);
  ASSERT_TRUE(ended(pid));
  EXPECT_EQ(all_said("fd").at(0), "0 /dev/null");
  EXPECT_EQ(all_said("fd").size(), 3U);
}

TEST_F(os_spawn, resets_signals_that_we_block) {
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  sigdelset(&blocked, SIGCHLD);
  ::pthread_sigmask(SIG_SETMASK, &blocked, &before);
  const pid_t pid = start(child({"dump"}));
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(ended(pid));
  EXPECT_EQ(said("SigBlk"), "0000000000000000");
}

TEST_F(os_spawn, leaves_our_own_signal_mask_as_it_was) {
  sigset_t mine;
  sigset_t before;
  sigset_t after;
  sigemptyset(&mine);
  sigaddset(&mine, SIGUSR2);
  ::pthread_sigmask(SIG_SETMASK, &mine, &before);
  const pid_t pid = start(child({"exit", "0"}));
  ::pthread_sigmask(SIG_SETMASK, &before, &after);
  ASSERT_TRUE(ended(pid));
  EXPECT_EQ(sigismember(&after, SIGUSR2), 1);
  EXPECT_EQ(sigismember(&after, SIGTERM), 0);
}

TEST_F(os_spawn, resets_signals_that_we_ignore) {
  const std::vector<int> ignored = {SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGUSR1, SIGRTMIN, SIGRTMAX};
  for (const int signal : ignored) ::signal(signal, SIG_IGN);
  const pid_t pid = start(child({"dump"}));
  for (const int signal : ignored) ::signal(signal, SIG_DFL);
  ASSERT_TRUE(ended(pid));
  EXPECT_EQ(said("SigIgn"), "0000000000000000");
}

TEST_F(os_spawn, resets_signals_that_the_c_library_keeps_for_itself) {
  const std::uint64_t ignore[4] = {1};  // struct kernel_sigaction with SIG_IGN
  const std::uint64_t standard[4] = {};
  ASSERT_EQ(::syscall(SYS_rt_sigaction, 32, ignore, nullptr, 8), 0);
  const pid_t pid = start(child({"dump"}));
  ::syscall(SYS_rt_sigaction, 32, standard, nullptr, 8);
  ASSERT_TRUE(ended(pid));
  EXPECT_EQ(said("SigIgn"), "0000000000000000");
}

TEST_F(os_spawn, makes_a_session_and_a_group_of_its_own) {
  const pid_t pid = start(child({"dump"}));
  ASSERT_TRUE(ended(pid));
  EXPECT_EQ(said("pid"), std::to_string(pid));
  EXPECT_EQ(said("pgid"), std::to_string(pid));
  EXPECT_EQ(said("sid"), std::to_string(pid));
}

TEST_F(os_spawn, runs_in_the_working_directory) {
  spawn_request request = child({"dump"});
  request.working_dir = path("");
  ASSERT_TRUE(ended(start(request)));
  EXPECT_EQ(said("cwd") + "/", path(""));
}

TEST_F(os_spawn, stays_in_our_directory_without_one) {
  run({"dump"});
  EXPECT_EQ(said("cwd"), std::filesystem::current_path().string());
}

TEST_F(os_spawn, gives_exactly_the_environment_asked_for) {
  spawn_request request = child({"dump"});
  request.environment = {"ONE=1", "EMPTY=", "PATH=/nowhere"};
  ASSERT_TRUE(ended(start(request)));
  EXPECT_EQ(all_said("env"), request.environment);
}

TEST_F(os_spawn, finds_a_program_in_the_path_of_the_child) {
  std::filesystem::create_directory(path("bin"));
  std::filesystem::create_symlink(OS_CHILD, path("bin/well-hidden"));
  spawn_request request = child({"exit", "5"});
  request.argv[0] = "well-hidden";
  request.environment = {"PATH=:relative:/usr/bin:" + path("bin")};
  const pid_t pid = start(request);
  ASSERT_TRUE(ended(pid));
  EXPECT_EQ(of(pid).status, core::exit_status(core::exited{5}));
}

TEST_F(os_spawn, resolves_a_path_from_the_working_directory) {
  std::filesystem::create_symlink(OS_CHILD, path("here"));
  spawn_request request = child({"exit", "5"});
  request.argv[0] = "./here";
  request.working_dir = path("");
  const pid_t pid = start(request);
  ASSERT_TRUE(ended(pid));
  EXPECT_EQ(of(pid).status, core::exit_status(core::exited{5}));
}

TEST_F(os_spawn, gives_back_the_limit_of_descriptors_that_we_inherited) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = 777;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  raise_fd_limit();
  rlimit raised{};
  ::getrlimit(RLIMIT_NOFILE, &raised);
  run({"dump"});
  EXPECT_EQ(raised.rlim_cur, before.rlim_max);
  EXPECT_EQ(said("nofile"), "777");
}

}  // namespace
}  // namespace workspaced::os::testing
