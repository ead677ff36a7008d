// Starting a daemon, with scripts in its place.
#include "ctl/local_host.hpp"

#include "unit/ctl/fake_daemon.hpp"
#include "unit/ctl/fleets.hpp"

#include <gtest/gtest.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace workspaced::ctl {
namespace {

using namespace std::chrono_literals;

std::string content(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

class local_host_test : public testing::Test {
 protected:
  local_host_test() {
    std::string pattern = std::filesystem::temp_directory_path() / "ctl-host-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    daemon_.absent = true;
  }
  ~local_host_test() override { std::filesystem::remove_all(directory_); }

  // A machine whose daemon is this shell script.
  local_host machine(const std::string& script) {
    const auto program = directory_ + "/program";
    std::ofstream(program) << "#!/bin/sh\n" << script << '\n';
    ::chmod(program.c_str(), 0700);
    return {directory_ + "/s", daemon_, program};
  }

  checked_file config() { return {directory_ + "/w.toml", 1, directory_ + "/state/startup.log"}; }

  std::string directory_;
  test::fake_daemon daemon_;
};

TEST_F(local_host_test, a_daemon_that_dies_at_once_is_reported_with_its_words) {
  auto it = machine("echo 'cannot listen on 127.0.0.1:9001: in use' >&2; exit 1");
  const auto started = it.start_daemon(config(), clock::now() + 10s);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error(),
            failure(exit_code::failed,
                    "the daemon has ended with code 1:\ncannot listen on 127.0.0.1:9001: in use"));
}

TEST_F(local_host_test, a_daemon_that_does_not_like_its_configuration_is_exit_code_3) {
  auto it = machine("echo 'w.toml:1:1: no' >&2; exit 3");
  const auto started = it.start_daemon(config(), clock::now() + 10s);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error(), failure(exit_code::configuration, "w.toml:1:1: no"));
}

TEST_F(local_host_test, says_only_what_the_last_start_said) {
  auto it = machine("echo once >> $0.count; wc -l < $0.count; exit 1");
  EXPECT_EQ(it.start_daemon(config(), clock::now() + 10s).error().text,
            "the daemon has ended with code 1:\n1");
  EXPECT_EQ(it.start_daemon(config(), clock::now() + 10s).error().text,
            "the daemon has ended with code 1:\n2");
}

TEST_F(local_host_test, a_program_that_is_not_there_is_told) {
  local_host it(directory_ + "/s", daemon_, directory_ + "/nothing");
  const auto started = it.start_daemon(config(), clock::now() + 10s);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().text.find("/nothing"), std::string::npos) << started.error().text;
}

TEST_F(local_host_test, gives_up_a_daemon_that_never_answers) {
  auto it = machine("echo $$ > $0.pid; exec sleep 1000");
  const auto started = it.start_daemon(config(), clock::now() + 300ms);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, exit_code::timed_out);
  const pid_t pid = std::stoi(content(directory_ + "/program.pid"));
  EXPECT_EQ(::getpgid(pid), pid) << "a process group of its own: our terminal's Ctrl-C is not for it";
  EXPECT_FALSE(it.wait_gone(pid, clock::now() + 50ms));
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  EXPECT_TRUE(it.wait_gone(pid, clock::now() + 10s));
  ::waitpid(pid, nullptr, 0);
  EXPECT_TRUE(it.wait_gone(pid, clock::now() + 10s)) << "also when it was gone before";
}

TEST_F(local_host_test, the_daemon_gets_file_and_socket_and_nothing_of_ours) {
  auto it = machine("echo \"$@\"; ls /proc/$$/fd | tr '\\n' ' '; exit 1");
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);  // inheritable, as those of whoever called us may be
  const auto text = it.start_daemon(config(), clock::now() + 10s).error().text;
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
  EXPECT_NE(text.find("run --config " + directory_ + "/w.toml --socket " + directory_ + "/s\n"),
            std::string::npos)
      << text;
  // 10 or higher: the shell's own copy of the script.
  EXPECT_NE(text.find("\n0 1 10 2"), std::string::npos) << text;
}

TEST_F(local_host_test, starts_none_when_one_answers_by_now) {
  auto it = machine("echo started > $0.started");
  daemon_.absent = false;
  daemon_.replies["GET /v1/services"] = {{200, test::fleet_document({})}};
  const auto started = it.start_daemon(config(), clock::now() + 10s);
  ASSERT_TRUE(started);
  EXPECT_EQ(*started, 4242);
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/program.started"));
}

}  // namespace
}  // namespace workspaced::ctl
