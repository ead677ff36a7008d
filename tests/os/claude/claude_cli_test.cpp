// Against the real program, as ./dev setup installs it; WORKSPACED_TEST_CLAUDE names another version.
#include "json/edit.hpp"
#include "os/claude/workbench.hpp"

#include <sys/wait.h>

#include <cstdlib>

namespace workspaced::claude::testing {
namespace {

class claude_cli : public workbench {
 protected:
  void SetUp() override {
    const char* const other = std::getenv("WORKSPACED_TEST_CLAUDE");
    program_ = other != nullptr ? other : WORKSPACED_CLAUDE;
    if (::access(program_.c_str(), X_OK) != 0) GTEST_SKIP() << program_ << " is missing: run ./dev setup";
  }

  /// `claude mcp add` in a process of its own, in a home of its own.
  [[nodiscard]] pid_t add(const std::string& name) const {
    std::vector<std::string> environment = {"HOME=" + directory, "PATH=/usr/bin:/bin", "DISABLE_TELEMETRY=1",
                                            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1"};
    std::vector<std::string> command = {program_,      "mcp",  "add", "-s", "user",
                                        "--transport", "http", name,  url};
    const pid_t child = ::fork();
    if (child != 0) return child;
    std::vector<char*> argv;
    std::vector<char*> envp;
    for (std::string& word : command) argv.push_back(word.data());
    for (std::string& one : environment) envp.push_back(one.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    if (::chdir(directory.c_str()) == 0 && ::freopen("/dev/null", "w", stdout) != nullptr) {
      ::execve(argv[0], argv.data(), envp.data());
    }
    ::_exit(127);
  }

  static constexpr const char* url = "http://127.0.0.1:9/mcp";

 private:
  std::string program_;
};

TEST_F(claude_cli, and_we_lose_none_of_each_others_servers) {
  put(file, R"({"theirs": 1})");
  constexpr int adds = 8;
  std::vector<std::string> expected;
  int registered = 0;
  for (int i = 0; i < adds; i += 2) {
    std::vector<pid_t> running = {add("a" + std::to_string(i)), add("a" + std::to_string(i + 1))};
    while (!running.empty()) {
      const std::string ours = "w" + std::to_string(registered++);
      EXPECT_OUTCOME(apply({entry_of(ours)}, registration_timing()), written);
      expected.push_back(ours);
      int status = 0;
      const pid_t ended = ::waitpid(-1, &status, WNOHANG);
      if (ended <= 0) continue;
      EXPECT_EQ(status, 0) << "claude mcp add failed";
      running.erase(std::remove(running.begin(), running.end(), ended), running.end());
    }
    expected.push_back("a" + std::to_string(i));
    expected.push_back("a" + std::to_string(i + 1));
  }
  const std::string text = content(file);
  for (const std::string& name : expected)
    EXPECT_TRUE(json::get_member(text, {"mcpServers", name})->has_value()) << name;
  EXPECT_EQ(*json::get_member(text, {"theirs"}), "1");
  EXPECT_GT(registered, adds) << "there was no race";
  RecordProperty("ours", registered);
}

}  // namespace
}  // namespace workspaced::claude::testing
