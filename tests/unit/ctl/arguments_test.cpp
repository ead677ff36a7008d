#include "ctl/arguments.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace workspaced::ctl {
namespace {

using namespace std::chrono_literals;

invocation good(std::vector<std::string> words) {
  const auto parsed = parse(std::move(words));
  EXPECT_TRUE(parsed.has_value()) << parsed.error().text;
  return parsed ? *parsed : invocation{};
}

std::string bad(std::vector<std::string> words) {
  const auto parsed = parse(std::move(words));
  EXPECT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, exit_code::usage);
  return parsed.error().text;
}

TEST(ctl_arguments, up_has_its_options) {
  const auto it = good({"up", "--wait", "--timeout", "2m", "--config", "f.toml"});
  EXPECT_EQ(it.what->id, verb_id::up);
  EXPECT_TRUE(it.wait);
  EXPECT_EQ(it.timeout, core::duration(2min));
  EXPECT_EQ(it.config, "f.toml");
}

TEST(ctl_arguments, timeout_has_the_default_of_the_verb) {
  EXPECT_EQ(good({"up"}).timeout, core::duration(300s));
  EXPECT_EQ(good({"down"}).timeout, core::duration(60s));
  EXPECT_EQ(good({"status"}).timeout, std::nullopt);
  EXPECT_EQ(good({"stop", "a", "--timeout=500ms"}).timeout, core::duration(500ms));
}

TEST(ctl_arguments, global_options_may_stand_before_and_after_the_verb) {
  for (const auto& words : {std::vector<std::string>{"--socket", "/s", "--json", "status"},
                            std::vector<std::string>{"--socket=/s", "status", "--json"},
                            std::vector<std::string>{"status", "--json", "--socket", "/s"}}) {
    const auto it = good(words);
    EXPECT_EQ(it.what->id, verb_id::status);
    EXPECT_EQ(it.socket, "/s");
    EXPECT_TRUE(it.json);
  }
}

TEST(ctl_arguments, names_and_options_mix) {
  const auto it = good({"logs", "-f", "web", "-n", "5", "db"});
  EXPECT_TRUE(it.follow);
  EXPECT_EQ(it.lines, 5U);
  EXPECT_EQ(it.names, (std::vector<std::string>{"web", "db"}));
  EXPECT_EQ(good({"wait", "--for", "stopped", "web"}).goal, wait_goal::stopped);
}

TEST(ctl_arguments, help_comes_in_all_usual_ways) {
  EXPECT_EQ(good({}).what->id, verb_id::help);
  EXPECT_EQ(good({"--help"}).what->id, verb_id::help);
  EXPECT_EQ(good({"help"}).what->id, verb_id::help);
  for (const auto& words : {std::vector<std::string>{"help", "why"}, {"why", "--help"}, {"why", "-h"}}) {
    const auto it = good(words);
    EXPECT_TRUE(it.help);
    EXPECT_EQ(it.what->id, verb_id::why);
  }
  EXPECT_EQ(good({"--version"}).what->id, verb_id::version);
}

TEST(ctl_arguments, says_what_is_wrong) {
  EXPECT_EQ(bad({"sttaus"}), "there is no verb 'sttaus'; did you mean 'status'?");
  EXPECT_EQ(bad({"help", "lgos"}), "there is no verb 'lgos'; did you mean 'logs'?");
  EXPECT_EQ(bad({"why"}), "why needs NAME; see: workspacectl help why");
  EXPECT_EQ(bad({"status", "web"}), "status does not take 'web'; see: workspacectl help status");
  EXPECT_EQ(bad({"up", "--timeout", "soon"}),
            "--timeout takes a duration like 300s, 2m or 500ms, not 'soon'; see: workspacectl help up");
  EXPECT_EQ(bad({"wait", "--for", "dinner"}),
            "--for takes ready, stopped or completed, not 'dinner'; see: workspacectl help wait");
  EXPECT_NE(bad({"status", "--frob"}).find("--frob"), std::string::npos);
  EXPECT_NE(bad({"logs", "-n", "many"}).find("many"), std::string::npos);
  EXPECT_NE(bad({"status", "--wait"}).find("--wait"), std::string::npos) << "an option of another verb";
}

}  // namespace
}  // namespace workspaced::ctl
