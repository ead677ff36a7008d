// As PID 1 of a container.
#include "os/process/lab.hpp"

namespace workspaced::os::testing {
namespace {

class os_init : public lab {
 protected:
  /// A command as PID 1 of a new PID namespace with a /proc of its own.
  spawn_request contained(const std::vector<std::string>& command) {
    spawn_request request = child({});
    request.argv = {"unshare", "--pid", "--fork", "--mount-proc"};
    if (::geteuid() != 0) request.argv.insert(request.argv.end(), {"--user", "--map-root-user"});
    request.argv.insert(request.argv.end(), command.begin(), command.end());
    return request;
  }
  void SetUp() override {
    const pid_t pid = start(contained({"/bin/true"}));
    ASSERT_TRUE(ended(pid));
    const bool possible = of(pid).status == core::exit_status(core::exited{0});
    if (possible) return;
    if (::geteuid() != 0) GTEST_SKIP() << "no PID namespace for an ordinary user here: " << output();
    FAIL() << "root cannot make a PID namespace here (a container without CAP_SYS_ADMIN?): " << output();
  }
  core::exit_status run_as_init_over(const std::string& mode, const std::string& argument = {}) {
    const pid_t pid = start(contained({OS_PID_ONE, OS_CHILD, mode, argument}));
    EXPECT_TRUE(ended(pid));
    return of(pid).status.value_or(core::exited{-1});
  }
};

TEST_F(os_init, tells_the_exit_of_its_child) {
  EXPECT_EQ(run_as_init_over("exit", "6"), core::exit_status(core::exited{6})) << output();
}

TEST_F(os_init, reaps_orphans) {
  EXPECT_EQ(run_as_init_over("leave-orphan"), core::exit_status(core::exited{0})) << output();
  EXPECT_FALSE(said("orphan").empty());
}

}  // namespace
}  // namespace workspaced::os::testing
