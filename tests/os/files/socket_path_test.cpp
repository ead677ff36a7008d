#include "os/socket_path.hpp"

#include "os/files/scratch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <map>

namespace workspaced::os::testing {
namespace {

class os_socket_path : public scratch {
 protected:
  std::map<std::string, std::string> environment_;

  std::string chosen(const std::string& option = {}) {
    return socket_path(option, [this](const std::string& name) { return environment_[name]; });
  }
};

TEST_F(os_socket_path, is_the_option_first) {
  environment_ = {{"WORKSPACED_SOCKET", "/w"}, {"XDG_RUNTIME_DIR", "/x"}};
  EXPECT_EQ(chosen("/o"), "/o");
}

TEST_F(os_socket_path, is_the_variable_then) {
  environment_ = {{"WORKSPACED_SOCKET", "/w"}, {"XDG_RUNTIME_DIR", "/x"}};
  EXPECT_EQ(chosen(), "/w");
}

TEST_F(os_socket_path, is_in_the_runtime_directory_then) {
  environment_ = {{"XDG_RUNTIME_DIR", "/x"}};
  EXPECT_EQ(chosen(), "/x/workspaced.sock");
}

TEST_F(os_socket_path, is_below_tmp_at_last) {
  EXPECT_EQ(chosen(), "/tmp/workspaced-" + std::to_string(::geteuid()) + "/control.sock");
}

TEST_F(os_socket_path, gets_a_directory_of_its_own) {
  const auto made = prepare_socket_directory(path("run/here/control.sock"));
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(mode_of(path("run/here")), 0700U);
}

TEST_F(os_socket_path, directory_of_ours_alone_is_accepted) {
  ASSERT_EQ(::mkdir(path("d").c_str(), 0700), 0);
  const auto checked = check_ours_alone(path("d"));
  EXPECT_TRUE(checked) << checked.error();
}

TEST_F(os_socket_path, directory_that_others_may_enter_is_refused) {
  ASSERT_EQ(::mkdir(path("d").c_str(), 0700), 0);
  ::chmod(path("d").c_str(), 0710);
  EXPECT_FALSE(check_ours_alone(path("d")));
}

TEST_F(os_socket_path, link_to_a_directory_is_refused) {
  ASSERT_EQ(::mkdir(path("d").c_str(), 0700), 0);
  std::filesystem::create_directory_symlink(path("d"), path("link"));
  EXPECT_FALSE(check_ours_alone(path("link")));
}

TEST_F(os_socket_path, directory_of_somebody_else_is_refused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  ASSERT_EQ(::mkdir(path("d").c_str(), 0700), 0);
  ASSERT_EQ(::chown(path("d").c_str(), 12'345, 12'345), 0);
  EXPECT_FALSE(check_ours_alone(path("d")));
}

TEST_F(os_socket_path, says_which_directory_cannot_be_made) {
  const auto made = prepare_socket_directory("/proc/none/control.sock");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().rfind("cannot make the directory /proc/none: ", 0), 0U) << made.error();
}

}  // namespace
}  // namespace workspaced::os::testing
