#include "claude/places.hpp"

#include "claude/wish.hpp"
#include "os/claude/workbench.hpp"

namespace workspaced::claude::testing {
namespace {

namespace fs = std::filesystem;

core::claude_spec in(core::claude_scope scope, const std::string& project = {}) {
  return {scope, project, false, core::claude_auth::automatic};
}

class claude_places : public workbench {
 protected:
  claude_places() {
    directory = fs::canonical(directory);
    all.claude = location{directory + "/.claude.json", ""};
    all.home = directory;
    all.config = directory + "/.config";
  }

  std::string make(const std::string& name) {
    fs::create_directories(directory + "/" + name);
    return directory + "/" + name;
  }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories(fs::path(directory + "/" + name).parent_path());
    put(directory + "/" + name, text);
  }
  /// What a server in this scope comes to.
  result<destination> resolved(core::claude_spec how, std::optional<version> installed = first_with_helper) {
    return resolve({"fleet", "/mcp/fleet", how}, door_, all, installed);
  }

  homes all;
  door door_{"http://127.0.0.1:9001", "t0ken", "/opt/bin/workspacectl", "/run/a b.sock"};
};

const std::string helper_text = R"({"type":"http","url":"http://127.0.0.1:9001/mcp/fleet","headersHelper":)"
                                R"("/opt/bin/workspacectl --socket '/run/a b.sock' mcp headers fleet"})";
const std::string header_text =
    R"({"type":"http","url":"http://127.0.0.1:9001/mcp/fleet","headers":{"Authorization":"Bearer t0ken"}})";

TEST_F(claude_places, a_project_is_the_main_checkout_of_its_repository) {
  make("repo/.git/worktrees/topic");
  make("repo/deep/er");
  write("repo/.git/worktrees/topic/commondir", "../..\n");
  write("topic/.git", "gitdir: " + directory + "/repo/.git/worktrees/topic\n");
  make("topic/sub");
  fs::create_directory_symlink("repo/deep", directory + "/link");
  for (const char* inside : {"repo", "repo/deep/er", "link/er", "topic", "topic/sub"})
    EXPECT_EQ(*project_root(directory + "/" + inside), directory + "/repo") << inside;
}

TEST_F(claude_places, a_submodule_and_a_plain_directory_are_projects_of_their_own) {
  make("repo/.git/modules/part");
  write("repo/part/.git", "gitdir: ../.git/modules/part\n");
  make("plain/sub");
  EXPECT_EQ(*project_root(directory + "/repo/part"), directory + "/repo/part");
  EXPECT_EQ(*project_root(directory + "/plain/sub"), directory + "/plain/sub");
  EXPECT_EQ(project_root(directory + "/none").error().message,
            "cannot find the project " + directory + "/none: No such file or directory");
}

TEST_F(claude_places, each_scope_has_its_file_and_its_object) {
  const std::string repo = make("repo");
  make("repo/.git");
  const auto user = claude_place(all, in(core::claude_scope::user));
  EXPECT_EQ(user->where.file, directory + "/.claude.json");
  EXPECT_EQ(user->servers, json::path{"mcpServers"});
  const auto local = claude_place(all, in(core::claude_scope::local, repo));
  EXPECT_EQ(local->where.file, directory + "/.claude.json");
  EXPECT_EQ(local->servers, (json::path{"projects", repo, "mcpServers"}));
  const auto project = claude_place(all, in(core::claude_scope::project, repo));
  EXPECT_EQ(project->where.file, repo + "/.mcp.json");
  EXPECT_EQ(project->where.protection, protection::shared_file);
}

TEST_F(claude_places, a_project_that_is_not_cloned_yet_has_no_place) {
  EXPECT_FALSE(claude_place(all, in(core::claude_scope::project, directory + "/none")));
  EXPECT_FALSE(claude_place(all, in(core::claude_scope::local, directory + "/none")));
}

TEST_F(claude_places, other_programs_have_files_and_words_of_their_own) {
  const auto text = [this](core::mcp_client which) {
    const auto to = resolve({"fleet", "/mcp/fleet", which}, door_, all, std::nullopt);
    return to->where.file.substr(directory.size()) + " " + to->at.front() + " " + to->text;
  };
  const std::string headers =
      R"("http://127.0.0.1:9001/mcp/fleet","headers":{"Authorization":"Bearer t0ken"}})";
  EXPECT_EQ(text(core::mcp_client::cursor), R"(/.cursor/mcp.json mcpServers {"url":)" + headers);
  EXPECT_EQ(text(core::mcp_client::vscode),
            R"(/.config/Code/User/mcp.json servers {"type":"http","url":)" + headers);
  EXPECT_EQ(text(core::mcp_client::gemini), R"(/.gemini/settings.json mcpServers {"httpUrl":)" + headers);
}

TEST_F(claude_places, a_helper_is_written_for_versions_that_are_known_to_run_it) {
  const core::claude_spec user = in(core::claude_scope::user);
  EXPECT_EQ(resolved(user, version{2, 1, 330})->text, helper_text);
  EXPECT_EQ(resolved(user, version{2, 1, 197})->text, helper_text);
  EXPECT_EQ(resolved(user, version{2, 1, 196})->text, header_text);
  EXPECT_EQ(resolved(user, std::nullopt)->text, header_text);
  door_.workspacectl.clear();
  EXPECT_EQ(resolved(user)->text, header_text);
}

TEST_F(claude_places, the_user_has_the_choice_of_the_two) {
  core::claude_spec how = in(core::claude_scope::user);
  how.auth = core::claude_auth::helper;
  EXPECT_EQ(resolved(how, std::nullopt)->text, helper_text);
  how.auth = core::claude_auth::header;
  EXPECT_EQ(resolved(how)->text, header_text);
}

TEST_F(claude_places, a_local_helper_waits_for_trust_and_a_shared_file_holds_no_token) {
  const std::string repo = make("repo");
  EXPECT_EQ(resolved(in(core::claude_scope::local, repo))->text, header_text);
  EXPECT_EQ(resolved(in(core::claude_scope::project, repo), std::nullopt)->text, helper_text);
  door_.workspacectl.clear();
  EXPECT_FALSE(resolved(in(core::claude_scope::project, repo)));
}

TEST_F(claude_places, a_version_is_told_by_where_the_program_is) {
  const auto install = [this](const std::string& program) {
    write(program, "#!/bin/sh\n");
    fs::permissions(directory + "/" + program, fs::perms::owner_all);
  };
  const std::string path = "relative:" + make("empty") + ":" + make("bin");
  EXPECT_EQ(installed_version(path, ""), std::nullopt);

  install("lib/node_modules/@anthropic-ai/claude-code/cli.js");
  write("lib/node_modules/@anthropic-ai/claude-code/package.json",
        R"({"name":"@anthropic-ai/claude-code","version":"2.1.330"})");
  fs::create_symlink("../lib/node_modules/@anthropic-ai/claude-code/cli.js", directory + "/bin/claude");
  EXPECT_EQ(installed_version(path, ""), (version{2, 1, 330}));

  fs::remove(directory + "/bin/claude");
  install("share/claude/versions/2.1.197");
  make(".local/bin");
  fs::create_symlink("../../share/claude/versions/2.1.197", directory + "/.local/bin/claude");
  EXPECT_EQ(installed_version(path, directory), (version{2, 1, 197}));

  install("bin/claude");
  EXPECT_EQ(installed_version(path, directory), std::nullopt) << "the first in PATH counts";
}

TEST(claude_version, is_three_numbers) {
  EXPECT_EQ(parse_version("2.1.330"), (version{2, 1, 330}));
  for (const char* other : {"", "2", "2.1", "2.1.3.4", "2.1.x", "v2.1.3", "2.1.3-beta", "-1.0.0"})
    EXPECT_EQ(parse_version(other), std::nullopt) << other;
  EXPECT_LT((version{2, 1, 99}), (version{2, 1, 197}));
}

}  // namespace
}  // namespace workspaced::claude::testing
