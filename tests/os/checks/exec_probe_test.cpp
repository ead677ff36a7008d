#include "os/checks/probing.hpp"

#include <signal.h>
#include <stdlib.h>

#include <cerrno>
#include <fstream>

namespace workspaced::checks::test {
namespace {

using clock = std::chrono::steady_clock;

core::exec_target shell(std::string script) { return {{"/bin/sh", "-c", std::move(script)}}; }

/// A file that a command writes its pid to.
class pid_file {
 public:
  pid_file() { directory_ = ::mkdtemp(name_); }
  pid_file(const pid_file&) = delete;
  pid_file& operator=(const pid_file&) = delete;
  ~pid_file() { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path() const { return directory_ + "/pid"; }
  [[nodiscard]] pid_t pid() const {
    pid_t value = 0;
    std::ifstream(path()) >> value;
    return value;
  }
  [[nodiscard]] bool gone() const { return ::kill(pid(), 0) != 0 && errno == ESRCH; }

 private:
  char name_[32] = "/tmp/exec_probe.XXXXXX";
  std::string directory_;
};

class exec_probe : public probing {};

TEST_F(exec_probe, is_ok_when_the_command_succeeds) {
  const probe_result got = probe(shell("echo fine; exit 0"));
  EXPECT_TRUE(got.ok);
  EXPECT_EQ(got.answer, "exit code 0");
  EXPECT_FALSE(got.refused);
  EXPECT_GT(got.took, 0ms);
}

TEST_F(exec_probe, says_how_the_command_failed_and_its_last_line) {
  EXPECT_EQ(probe(shell("echo first; echo no database >&2; echo; exit 3")).answer,
            "exit code 3: no database");
  EXPECT_EQ(probe(shell("exit 2")).answer, "exit code 2");
  EXPECT_EQ(probe(shell("kill -SEGV $$")).answer.substr(0, 17), "killed by SIGSEGV");
}

TEST_F(exec_probe, says_why_the_command_does_not_start) {
  const probe_result got = probe(core::exec_target{{"/nonexistent/check"}});
  EXPECT_FALSE(got.ok);
  EXPECT_NE(got.answer.find("/nonexistent/check"), std::string::npos) << got.answer;
}

TEST_F(exec_probe, runs_with_the_environment_and_directory_of_the_service) {
  environment_["ANSWER"] = "42";
  working_dir_ = "/usr";
  EXPECT_EQ(probe(shell("echo $ANSWER $HOME $(pwd); exit 1")).answer, "exit code 1: 42 /usr");
}

TEST_F(exec_probe, kills_the_command_when_its_time_is_over) {
  const pid_file file;
  const probe_result got =
      probe(shell("echo $$ >" + file.path() + "; echo busy; trap '' TERM; sleep 1000; sleep 1000"), 200ms);
  EXPECT_FALSE(got.ok);
  EXPECT_EQ(got.answer, "timed out after 200 ms: busy");
  EXPECT_GE(got.took, 200ms);
  EXPECT_LT(got.took, 1s);
  EXPECT_TRUE(until([&] { return file.gone() && processes_.size() == 0; }));
}

TEST_F(exec_probe, leaves_nothing_of_the_group_behind_when_the_command_succeeds) {
  const pid_file file;
  EXPECT_TRUE(probe(shell("sleep 1000 & echo $! >" + file.path())).ok);
  EXPECT_TRUE(until([&] { return file.gone() && processes_.size() == 0; }));
}

TEST_F(exec_probe, does_not_wait_for_output_that_a_grandchild_holds_open) {
  EXPECT_LT(probe(shell("sleep 1000 & exit 0")).took, 3s);
}

TEST_F(exec_probe, keeps_up_with_a_command_that_writes_without_end) {
  const probe_result got = probe(shell("yes aaaaaaaa"), 300ms);
  EXPECT_EQ(got.answer.substr(0, 28), "timed out after 300 ms: aaaa");
  EXPECT_LT(got.took, 1s);
  EXPECT_EQ(probe(shell("head -c 1000000 /dev/zero | tr '\\0' x; echo; echo end; exit 1")).answer,
            "exit code 1: end");
}

TEST_F(exec_probe, ends_at_once_when_cancelled_by_any_type) {
  for (const auto type : {boost::asio::cancellation_type::terminal, boost::asio::cancellation_type::total}) {
    const pid_file file;
    start(shell("echo $$ >" + file.path() + "; exec sleep 1000"));
    ASSERT_TRUE(until([&] { return file.pid() != 0; }));
    const auto asked = clock::now();
    stop_.emit(type);
    ASSERT_TRUE(until([&] { return result_.has_value(); }));
    EXPECT_LT(clock::now() - asked, 500ms);
    EXPECT_FALSE(result_->ok);
    EXPECT_TRUE(until([&] { return file.gone() && processes_.size() == 0; }));
  }
}

TEST_F(exec_probe, leaves_no_descriptor) {
  EXPECT_TRUE(probe(shell("exit 0")).ok);
  ASSERT_TRUE(until([&] { return processes_.size() == 0; }));
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    probe(shell("exit 0"));
    probe(core::exec_target{{"/nonexistent"}});
    probe(shell("sleep 1000"), 1ms);
  }
  EXPECT_TRUE(until([&] { return processes_.size() == 0 && open_descriptors() == before; }));
}

}  // namespace
}  // namespace workspaced::checks::test
