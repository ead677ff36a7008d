#include "claude/keeper.hpp"

#include "json/edit.hpp"
#include "os/claude/workbench.hpp"

#include <boost/asio/steady_timer.hpp>

namespace workspaced::claude::testing {
namespace {

namespace fs = std::filesystem;

/// A home with a Claude Code that has run helpers for long.
class claude_keeper : public workbench {
 protected:
  claude_keeper() {
    directory = fs::canonical(directory);
    file = directory + "/.claude.json";
    record = directory + "/registrations.json";
    fs::create_directories(directory + "/.local/bin");
    put(directory + "/.local/bin/2.1.330", "#!/bin/sh\n");
    fs::permissions(directory + "/.local/bin/2.1.330", fs::perms::owner_all);
    fs::create_symlink("2.1.330", directory + "/.local/bin/claude");
    begin();
  }

  /// A daemon's life begins (anew).
  void begin() {
    target.reset();
    keeper_options options;
    options.around.all = {location{file, directory + "/.claude/.config.json"}, directory,
                          directory + "/.config"};
    options.around.ours = {address, "t0ken", "/opt/workspacectl", "/run/w.sock"};
    options.ledger_file = record;
    options.timing.writing = writing;
    options.timing.quiet = 10ms;
    options.timing.poll = poll;
    options.report = [this](const notice& what) { said.push_back(what.text); };
    target = std::make_unique<keeper>(loop.get_executor(), std::move(options));
  }

  static wish fleet_wish(core::claude_scope scope = core::claude_scope::user,
                         const std::string& project = {}) {
    return {"fleet", "/mcp/fleet", core::claude_spec{scope, project, false, core::claude_auth::automatic}};
  }

  /// Lets the loop run until `check` holds; fails after 10 s.
  template <class Check>
  void eventually(Check check, const char* what) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    loop.restart();
    while (!check() && std::chrono::steady_clock::now() < deadline) loop.run_one_for(50ms);
    EXPECT_TRUE(check()) << "not within 10 s: " << what;
  }

  void settle(asio::awaitable<void> work) {
    bool ended = false;
    asio::co_spawn(loop, std::move(work), [&ended](const std::exception_ptr&) { ended = true; });
    eventually([&ended] { return ended; }, "the round ends");
  }

  /// Wants it and waits for it.
  void keep(std::vector<wish> wishes) {
    target->want(std::move(wishes));
    settle(target->sync({"nobody"}, false));  // its turn comes after the one of `want`
  }

  [[nodiscard]] std::string entry(const std::string& server = "fleet") const {
    const std::string text = content(file);
    const auto found = json::get_member(text, {"mcpServers", server});
    return found && *found ? std::string(**found) : "";
  }
  [[nodiscard]] entry_status status() const { return target->status().front(); }
  [[nodiscard]] std::string state() const { return std::string(to_string(status().state)); }
  [[nodiscard]] bool was_said(const std::string& part) const {
    return std::any_of(said.begin(), said.end(),
                       [&part](const std::string& text) { return text.find(part) != std::string::npos; });
  }

  std::string address = "http://127.0.0.1:9001";
  std::chrono::milliseconds poll = 60s;
  registration_timing writing = quick();
  std::string record;
  std::vector<std::string> said;
  std::unique_ptr<keeper> target;
};

const std::string mine = R"({"mcpServers":{"fleet":{"type":"http","url":"http://mine/mcp"}}})";

TEST_F(claude_keeper, says_why_an_entry_could_not_be_written_until_it_is) {
  writing.lock.wait = 100ms;
  begin();
  fs::create_directory(lock);
  keep({fleet_wish()});
  EXPECT_EQ(state(), "missing");
  EXPECT_NE(status().detail.find("lock"), std::string::npos) << status().detail;
  fs::remove(lock);
  settle(target->sync({}, false));
  EXPECT_EQ(state(), "in place");
  EXPECT_EQ(status().detail, "");
}

TEST_F(claude_keeper, writes_an_entry_without_a_secret_and_remembers_it_privately) {
  keep({fleet_wish()});
  EXPECT_NE(entry().find("/opt/workspacectl --socket /run/w.sock mcp headers fleet"), std::string::npos);
  EXPECT_EQ(content(file).find("t0ken"), std::string::npos);
  EXPECT_EQ(mode(record), 0600U);
  EXPECT_EQ(state(), "in place");
  EXPECT_EQ(status().file, file);
}

TEST_F(claude_keeper, writes_again_what_another_program_lost) {
  put(file, R"({"n": 1})");
  keep({fleet_wish()});
  put(file + ".tmp", R"({"n": 2})");
  fs::rename(file + ".tmp", file);
  eventually([this] { return !entry().empty(); }, "the entry is back");
  EXPECT_EQ(*json::get_member(content(file), {"n"}), "2");
}

TEST_F(claude_keeper, brings_an_older_text_of_ours_up_to_date) {
  keep({fleet_wish()});
  const std::string old = content(file);
  address = "http://127.0.0.1:9002";
  begin();
  keep({fleet_wish()});
  EXPECT_NE(entry().find(":9002/"), std::string::npos);
  put(file, old);
  eventually([this] { return entry().find(":9002/") != std::string::npos; }, "the new text is back");
  EXPECT_FALSE(was_said("changed it"));
}

TEST_F(claude_keeper, respects_what_the_user_changed_and_says_so_once) {
  keep({fleet_wish()});
  put(file, mine);
  eventually([this] { return was_said("somebody changed it"); }, "the change is reported");
  keep({fleet_wish()});
  begin();
  keep({fleet_wish()});
  EXPECT_EQ(content(file), mine);
  EXPECT_EQ(state(), "changed by hand");
  ASSERT_FALSE(status().differences.empty());
  EXPECT_EQ(status().differences.front().found, R"("http://mine/mcp")");
  settle(target->sync({"other"}, true));
  EXPECT_EQ(content(file), mine) << "forced another server's";
  settle(target->sync({"fleet"}, true));
  EXPECT_EQ(state(), "in place");
}

TEST_F(claude_keeper, has_nothing_to_do_with_what_the_user_removes_but_to_write_it_again) {
  keep({fleet_wish()});
  put(file, R"({"mcpServers":{}})");
  eventually([this] { return !entry().empty(); }, "the entry is back");
}

TEST_F(claude_keeper, removes_what_left_the_configuration_also_across_a_restart) {
  keep({fleet_wish(), {"other", "/mcp/other", fleet_wish().program}});
  keep({fleet_wish()});
  EXPECT_EQ(entry("other"), "");
  begin();
  keep({});
  EXPECT_EQ(content(file), "{\n  \"mcpServers\": {}\n}");
  EXPECT_EQ(content(record).find("fleet"), std::string::npos);
}

TEST_F(claude_keeper, moves_an_entry_to_another_scope) {
  fs::create_directories(directory + "/repo/.git");
  keep({fleet_wish()});
  keep({fleet_wish(core::claude_scope::project, directory + "/repo")});
  EXPECT_EQ(entry(), "");
  EXPECT_NE(content(directory + "/repo/.mcp.json").find("headersHelper"), std::string::npos);
  EXPECT_EQ(mode(directory + "/repo/.mcp.json"), 0644U);
  keep({fleet_wish(core::claude_scope::local, directory + "/repo")});
  EXPECT_EQ(content(directory + "/repo/.mcp.json").find("headersHelper"), std::string::npos);
  EXPECT_TRUE(
      json::get_member(content(file), {"projects", directory + "/repo", "mcpServers", "fleet"})->has_value());
}

TEST_F(claude_keeper, waits_for_a_project_that_is_not_there_yet) {
  keep({fleet_wish(core::claude_scope::project, directory + "/w/repo")});
  EXPECT_EQ(state(), "missing");
  EXPECT_NE(status().detail.find("cannot find the project"), std::string::npos);
  fs::create_directories(directory + "/w/repo");
  eventually([this] { return fs::exists(directory + "/w/repo/.mcp.json"); }, "the entry is written");
}

TEST_F(claude_keeper, says_where_an_entry_of_the_local_scope_wins) {
  put(file, R"({"projects":{"/w/a":{"mcpServers":{"fleet":{}}},"/w/b":{"mcpServers":{"x":{}}},"/w/c":7}})");
  keep({fleet_wish()});
  EXPECT_EQ(state(), "in place");
  EXPECT_EQ(status().detail,
            "in /w/a an entry of the local scope is used instead; there, `claude mcp remove -s local fleet` "
            "ends that");
}

TEST_F(claude_keeper, keeps_an_entry_away_that_somebody_removed_through_us) {
  keep({fleet_wish()});
  settle(target->remove({"fleet"}, false));
  EXPECT_EQ(entry(), "");
  EXPECT_EQ(state(), "not wanted");
  begin();
  keep({fleet_wish()});
  EXPECT_EQ(entry(), "");
  settle(target->sync({}, false));
  EXPECT_EQ(state(), "in place");
}

TEST_F(claude_keeper, leaves_a_broken_file_alone_until_it_is_whole) {
  put(file, "{\"half\": ");
  keep({fleet_wish()});
  EXPECT_EQ(content(file), "{\"half\": ");
  EXPECT_EQ(state(), "file unreadable");
  EXPECT_TRUE(was_said("repair it"));
  put(file, "{\"half\": 1}");
  eventually([this] { return !entry().empty(); }, "the entry is written");
}

TEST_F(claude_keeper, takes_over_what_it_never_wrote_also_where_it_could_not_at_first) {
  put(file, mine.substr(0, mine.size() - 1));
  keep({fleet_wish()});
  EXPECT_EQ(state(), "file unreadable");
  begin();
  put(file, mine);
  keep({fleet_wish()});
  EXPECT_EQ(state(), "in place");
  EXPECT_EQ(content(file).find("http://mine"), std::string::npos);
}

TEST_F(claude_keeper, looks_now_and_then_where_nothing_is_noticed) {
  poll = 50ms;
  fs::create_directories(directory + "/far");
  file = directory + "/near/link/.claude.json";
  fs::create_directories(directory + "/near");
  fs::create_directory_symlink("../far", directory + "/near/link");
  begin();
  keep({fleet_wish()});
  fs::create_directories(directory + "/elsewhere");
  fs::remove(directory + "/near/link");
  fs::create_directory_symlink("../elsewhere", directory + "/near/link");
  eventually([this] { return fs::exists(directory + "/elsewhere/.claude.json"); }, "the entry is written");
}

TEST_F(claude_keeper, slows_down_against_a_program_that_undoes_everything) {
  keep({fleet_wish()});
  unsigned undone = 0;
  const auto deadline = std::chrono::steady_clock::now() + 2s;
  loop.restart();
  while (std::chrono::steady_clock::now() < deadline) {
    if (!entry().empty() && ++undone > 0) put(file, "{}");
    loop.run_one_for(1ms);
  }
  RecordProperty("writes_in_two_seconds", static_cast<int>(undone));
  EXPECT_GT(undone, 1U);
  EXPECT_LT(undone, 60U) << "a tight loop";
}

TEST_F(claude_keeper, begins_anew_when_its_record_is_broken_and_says_so) {
  put(record, "{\"entries\":7");
  begin();
  EXPECT_TRUE(was_said("cannot read " + record));
  keep({fleet_wish()});
  EXPECT_EQ(state(), "in place");
}

TEST_F(claude_keeper, tells_other_programs_in_private_files) {
  keep({{"fleet", "/mcp/fleet", core::mcp_client::vscode}});
  const std::string theirs = directory + "/.config/Code/User/mcp.json";
  EXPECT_EQ(*json::get_member(content(theirs), {"servers", "fleet", "headers", "Authorization"}),
            R"("Bearer t0ken")");
  EXPECT_EQ(mode(theirs), 0600U);
  EXPECT_FALSE(fs::exists(file));
}

}  // namespace
}  // namespace workspaced::claude::testing
