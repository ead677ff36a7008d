#include "claude/config_file.hpp"
#include "os/claude/workbench.hpp"

#include <map>

namespace workspaced::claude::testing {
namespace {

class registration_files : public workbench {};

const std::string whole_file = R"({
  "mcpServers": {
    "fleet": {
      "type": "http",
      "url": "http://127.0.0.1:8000/mcp",
      "headers": {
        "Authorization": "Bearer s3cret"
      }
    }
  }
})";

/// Root may do everything; the tests of permissions must not. Euid only, so that the test can go back.
class unprivileged {
 public:
  unprivileged() {
    if (was_root_ && ::seteuid(65534) != 0) throw std::runtime_error("cannot drop root");
  }
  ~unprivileged() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  bool was_root_ = ::geteuid() == 0;
};

TEST_F(registration_files, makes_a_private_file_where_there_is_none) {
  EXPECT_OUTCOME(apply({fleet}), written);
  EXPECT_EQ(content(file), whole_file);
  EXPECT_EQ(mode(file), 0600U);
  EXPECT_EQ(names(), std::vector<std::string>{".claude.json"}) << "a lock or a temporary file is left";
}

TEST_F(registration_files, makes_the_directory_that_claude_config_dir_names) {
  file = directory + "/fresh/.claude.json";
  EXPECT_OUTCOME(apply({fleet}), written);
  EXPECT_EQ(content(file), whole_file);
  EXPECT_EQ(mode(directory + "/fresh"), 0700U);
}

TEST_F(registration_files, writes_nothing_when_the_entry_is_there) {
  const std::string text =
      R"({"n":1.0,"mcpServers":{"fleet":{"url":"http://127.0.0.1:8000/mcp","type":"http"}}})";
  put(file, text);
  const ino_t before = facts(file).st_ino;
  std::filesystem::create_directory(lock);  // not even the lock is needed
  EXPECT_OUTCOME(apply({open_fleet}), unchanged);
  EXPECT_EQ(content(file), text);
  EXPECT_EQ(facts(file).st_ino, before);
}

TEST_F(registration_files, removing_from_a_file_that_does_not_exist_makes_none) {
  EXPECT_OUTCOME(apply({no_fleet}), unchanged);
  EXPECT_TRUE(names().empty());
}

TEST_F(registration_files, removes_an_entry_and_keeps_the_rest) {
  put(file, R"({"n": 2.50, "mcpServers": {"fleet": {}, "other": {}}})");
  EXPECT_OUTCOME(apply({no_fleet}), written);
  EXPECT_EQ(content(file), R"({"n": 2.50, "mcpServers": {"other": {}}})");
}

TEST_F(registration_files, takes_access_from_others_when_the_file_holds_a_token) {
  for (const auto& [before, after] :
       std::map<mode_t, mode_t>{{0644, 0600}, {0640, 0600}, {0400, 0400}, {0755, 0700}}) {
    put(file, "{}");
    std::filesystem::permissions(file, std::filesystem::perms(before));
    EXPECT_OUTCOME(apply({fleet}), written);
    EXPECT_EQ(mode(file), after);
    std::filesystem::remove(file);
  }
}

TEST_F(registration_files, keeps_the_mode_when_there_is_no_secret_in_it) {
  put(file, "{}");
  std::filesystem::permissions(file, std::filesystem::perms(0640));
  EXPECT_OUTCOME(apply({open_fleet}), written);
  EXPECT_EQ(mode(file), 0640U);
}

TEST_F(registration_files, tightens_the_mode_even_if_the_entry_is_there_already) {
  put(file, whole_file);
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  const ino_t before = facts(file).st_ino;
  EXPECT_OUTCOME(apply({fleet}), written);
  EXPECT_EQ(mode(file), 0600U);
  EXPECT_EQ(facts(file).st_ino, before) << "rewritten for nothing";
  EXPECT_OUTCOME(apply({fleet}), unchanged);
}

TEST_F(registration_files, keeps_the_owner_of_the_file) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  put(file, "{}");
  ASSERT_EQ(::chown(file.c_str(), 1234, 2345), 0);
  EXPECT_OUTCOME(apply({fleet}), written);
  EXPECT_EQ(facts(file).st_uid, 1234U);
  EXPECT_EQ(facts(file).st_gid, 2345U);
}

TEST_F(registration_files, gives_a_new_file_to_the_owner_of_the_directory_when_root_makes_it) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(::chown(directory.c_str(), 1234, 2345), 0);
  EXPECT_OUTCOME(apply({fleet}), written);
  EXPECT_EQ(facts(file).st_uid, 1234U);
}

TEST_F(registration_files, refuses_to_take_a_file_from_its_owner) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to make a file of another owner";
  put(file, "{}");
  std::filesystem::permissions(directory, std::filesystem::perms(0777));
  const unprivileged nobody;
  const outcome end = apply({fleet});
  EXPECT_OUTCOME(end, failed);
  EXPECT_EQ(end.detail, "cannot keep the owner of " + file + ": Operation not permitted");
  EXPECT_EQ(content(file), "{}");
  EXPECT_EQ(names().size(), 1U) << "a lock or a temporary file is left";
}

TEST_F(registration_files, fails_at_once_in_a_directory_that_it_cannot_write) {
  put(file, "{}");
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  std::filesystem::permissions(directory, std::filesystem::perms(0555));
  {
    const unprivileged nobody;
    const auto begin = std::chrono::steady_clock::now();
    const outcome end = apply({open_fleet});
    EXPECT_OUTCOME(end, failed);
    EXPECT_EQ(end.detail, "cannot make the lock " + lock + ": Permission denied");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s) << "waited for a lock that it can never have";
  }
  std::filesystem::permissions(directory, std::filesystem::perms(0700));
  EXPECT_EQ(content(file), "{}");
}

TEST_F(registration_files, follows_a_symbolic_link_and_keeps_it) {
  std::filesystem::create_directories(directory + "/dotfiles");
  const std::string target = directory + "/dotfiles/claude.json";
  put(target, "{}");
  std::filesystem::create_symlink("dotfiles/claude.json", file);
  EXPECT_OUTCOME(apply({fleet}), written);
  EXPECT_TRUE(std::filesystem::is_symlink(file));
  EXPECT_EQ(content(target), whole_file);
  EXPECT_EQ(names(), (std::vector<std::string>{".claude.json", "dotfiles"}));
}

TEST_F(registration_files, takes_the_lock_where_the_link_is) {
  std::filesystem::create_directories(directory + "/dotfiles");
  put(directory + "/dotfiles/claude.json", "{}");
  std::filesystem::create_symlink("dotfiles/claude.json", file);
  std::filesystem::create_directory(lock);
  registration_timing timing = quick();
  timing.lock.wait = 50ms;
  EXPECT_OUTCOME(apply({fleet}, timing), failed);
}

TEST_F(registration_files, makes_the_file_that_a_link_leads_to) {
  std::filesystem::create_symlink(directory + "/target.json", file);
  EXPECT_OUTCOME(apply({fleet}), written);
  EXPECT_TRUE(std::filesystem::is_symlink(file));
  EXPECT_EQ(content(directory + "/target.json"), whole_file);
}

TEST_F(registration_files, gives_up_on_links_that_lead_round_in_a_circle) {
  std::filesystem::create_symlink(file, file);
  EXPECT_OUTCOME(apply({fleet}), failed);
}

TEST_F(registration_files, never_replaces_a_file_that_does_not_parse) {
  for (const std::string text : {"", "{\n  \"a\": [1, 2", "[]", "{\"a\": \"\xff\"}", "not json"}) {
    put(file, text);
    const outcome end = apply({fleet});
    EXPECT_OUTCOME(end, failed);
    EXPECT_EQ(content(file), text);
    EXPECT_EQ(names().size(), 1U);
    EXPECT_NE(end.detail.find("column"), std::string::npos) << end.detail;
    EXPECT_EQ(end.detail.find("s3cret"), std::string::npos);
  }
}

TEST_F(registration_files, does_not_touch_what_is_no_regular_file) {
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  EXPECT_OUTCOME(apply({fleet}), failed);
  EXPECT_TRUE(S_ISFIFO(facts(file).st_mode));
}

TEST_F(registration_files, refuses_a_file_of_unreasonable_size) {
  put(file, "{}");
  std::filesystem::resize_file(file, max_config_size + 1);
  EXPECT_EQ(apply({fleet}).detail, "cannot read " + file + ": File too large");
}

TEST_F(registration_files, ignores_what_a_crashed_writer_left) {
  put(file, "{}");
  put(file + ".tmp.123.abcdef", "{\"half\":");
  std::filesystem::create_directory(lock);
  touch(lock, 60s);
  EXPECT_OUTCOME(apply({fleet}), written);
  EXPECT_EQ(names(), (std::vector<std::string>{".claude.json", ".claude.json.tmp.123.abcdef"}));
}

TEST_F(registration_files, uses_the_older_file_where_claude_code_does) {
  put(file, "{}");
  put(directory + "/.config.json", "{}");
  EXPECT_OUTCOME(apply({fleet}), written);
  EXPECT_EQ(content(file), "{}");
  EXPECT_EQ(content(directory + "/.config.json"), whole_file);
}

location found(const std::map<std::string, std::string>& variables) {
  const auto where = find_location([&variables](const char* name) {
    const auto at = variables.find(name);
    return at == variables.end() ? nullptr : at->second.c_str();
  });
  return where.value_or(location{});
}

TEST(claude_location, is_in_the_home_directory_or_where_claude_config_dir_says) {
  EXPECT_EQ(found({{"HOME", "/h"}}).file, "/h/.claude.json");
  EXPECT_EQ(found({{"HOME", "/h"}}).older_file, "/h/.claude/.config.json");
  EXPECT_EQ(found({{"HOME", "/h"}, {"CLAUDE_CONFIG_DIR", ""}}).file, "/h/.claude.json");
  EXPECT_EQ(found({{"HOME", "/h"}, {"CLAUDE_CONFIG_DIR", "/c"}}).file, "/c/.claude.json");
  EXPECT_EQ(found({{"CLAUDE_CONFIG_DIR", "/c"}}).older_file, "/c/.config.json");
  EXPECT_EQ(found({}).file, "");
}

}  // namespace
}  // namespace workspaced::claude::testing
