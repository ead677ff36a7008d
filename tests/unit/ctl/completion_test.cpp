#include "ctl/completion/candidates.hpp"
#include "unit/ctl/fake_daemon.hpp"
#include "unit/ctl/fleets.hpp"

#include <algorithm>

namespace workspaced::ctl::completion {
namespace {

using strings = std::vector<std::string>;

candidates complete_here(const strings& words) {
  return complete(words, [](named what) {
    return what == named::doors
               ? std::vector<candidate>{{"fleet", "open"}}
               : std::vector<candidate>{{"db", "ready"}, {"web", "failed"}, {"worker", "ready"}};
  });
}

strings words_of(const candidates& found) {
  strings out;
  for (const auto& each : found.words) out.push_back(each.word);
  return out;
}

strings words_after(const strings& words) { return words_of(complete_here(words)); }

bool offers(const strings& found, const std::string& word) {
  return std::find(found.begin(), found.end(), word) != found.end();
}

TEST(ctl_completion, offers_every_verb_with_its_summary) {
  const auto found = complete_here({""});
  ASSERT_EQ(found.words.size(), all_verbs().size());
  for (std::size_t i = 0; i < found.words.size(); ++i) {
    EXPECT_EQ(found.words[i],
              (candidate{std::string(all_verbs()[i].name), std::string(all_verbs()[i].summary)}));
  }
  EXPECT_EQ(words_after({"sta"}), (strings{"status", "start", "stat"}));
  EXPECT_EQ(words_after({"--socket", "/s", "--json", "upg"}), (strings{"upgrade"}));
  EXPECT_EQ(words_after({"help", "upg"}), (strings{"upgrade"}));
}

TEST(ctl_completion, offers_every_option_of_every_verb) {
  for (const auto& verb : all_verbs()) {
    const auto found = words_after({std::string(verb.name), "-"});
    for (const auto id : verb.options) {
      const auto names = find_option(id).names;
      EXPECT_TRUE(offers(found, std::string(names.substr(names.find("--"))))) << verb.name << " " << names;
    }
    EXPECT_TRUE(offers(found, "--json") && offers(found, "--help")) << verb.name;
  }
  EXPECT_EQ(words_after({"up", "--w"}), (strings{"--wait"}));
  EXPECT_FALSE(offers(words_after({"status", "--"}), "--wait"));
}

TEST(ctl_completion, offers_no_option_twice) {
  EXPECT_EQ(words_after({"up", "--wait", "--w"}), strings{});
  EXPECT_FALSE(offers(words_after({"logs", "-f", "-"}), "--follow"));
}

TEST(ctl_completion, offers_values_of_options) {
  const strings states = {"ready", "stopped", "completed"};
  EXPECT_EQ(words_after({"wait", "--for", ""}), states);
  EXPECT_EQ(words_after({"wait", "--for", "=", ""}), states) << "as bash splits it";
  EXPECT_EQ(words_after({"wait", "--for", "="}), states);
  EXPECT_EQ(words_after({"wait", "--for=c"}), (strings{"--for=completed"}));
  EXPECT_EQ(words_after({"up", "--timeout", ""}), (strings{"300s"}));
  EXPECT_TRUE(complete_here({"up", "--config", ""}).files);
  EXPECT_TRUE(complete_here({"--socket", ""}).files);
  EXPECT_EQ(words_after({"logs", "-n", ""}), strings{});
}

TEST(ctl_completion, offers_names_where_names_may_stand) {
  EXPECT_EQ(words_after({"restart", ""}), (strings{"db", "web", "worker"}));
  EXPECT_EQ(words_after({"restart", "--timeout", "5s", "w"}), (strings{"web", "worker"}));
  EXPECT_EQ(words_after({"restart", "web", "w"}), (strings{"worker"})) << "each once";
  EXPECT_EQ(words_after({"why", "web", ""}), strings{}) << "it takes one";
  EXPECT_EQ(words_after({"status", ""}), strings{});
  EXPECT_EQ(words_after({"mcp", "sync", ""}), (strings{"fleet"}));
  EXPECT_EQ(complete_here({"logs", "we"}).words, (std::vector<candidate>{{"web", "failed"}}));
}

TEST(ctl_completion, offers_words_of_the_usage_line) {
  EXPECT_EQ(words_after({"mcp", ""}), (strings{"status", "sync", "remove", "headers"}));
  EXPECT_EQ(words_after({"stat", "m"}), (strings{"mem"}));
  EXPECT_EQ(words_after({"completion", ""}), (strings{"bash", "zsh", "fish"}));
  EXPECT_TRUE(complete_here({"check", ""}).files);
}

TEST(ctl_completion, knows_no_answer_to_nonsense) {
  for (const auto& words : {strings{"nonsense", ""}, {"status", "--nonsense=", ""}, {"up", "--wait=x"}, {}}) {
    const auto found = complete_here(words);
    if (words.empty()) continue;  // as an empty word
    EXPECT_TRUE(found.words.empty() && !found.files) << words.front();
  }
}

TEST(ctl_completion_verb, answers_a_line_that_is_being_typed) {
  test::session it;
  it.daemon.replies["GET /v1/services"] = {
      {200, test::fleet_document({test::document("db", "ready"), test::document("web", "failed")})}};
  EXPECT_EQ(it.run({"completion", "--", "restart", "w"}), exit_code::done);
  EXPECT_EQ(it.out, "web\tfailed\n");
  EXPECT_EQ(it.run({"completion", "--", "restart", "--", ""}), exit_code::done)
      << "a second -- is of the line";
  EXPECT_EQ(it.run({"completion", "--", "up", "--config", ""}), exit_code::done);
  EXPECT_EQ(it.out, ":files\n");
}

TEST(ctl_completion_verb, asks_the_daemon_only_for_names_and_is_quiet_without_one) {
  test::session it;
  it.daemon.absent = true;
  EXPECT_EQ(it.run({"completion", "--", "up", "--"}), exit_code::done);
  EXPECT_TRUE(it.daemon.requests.empty());
  EXPECT_EQ(it.run({"completion", "--", "restart", ""}), exit_code::done);
  EXPECT_EQ(it.out + it.err, "");
}

TEST(ctl_completion_verb, asks_the_daemon_that_the_line_names) {
  const auto args = parse({"completion", "--", "--socket", "/there", "restart", ""});
  ASSERT_TRUE(args);
  EXPECT_EQ(args->socket, "/there");
  EXPECT_EQ(parse({"completion", "--", "status", "--socket", "/th"})->socket, "") << "it is being typed";
}

TEST(ctl_completion_verb, prints_a_script_for_each_shell) {
  test::session it;
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    EXPECT_EQ(it.run({"completion", shell}), exit_code::done);
    EXPECT_NE(it.out.find("completion --"), std::string::npos) << shell;
  }
  EXPECT_EQ(it.run({"completion"}), exit_code::usage);
  EXPECT_EQ(it.run({"completion", "tcsh"}), exit_code::usage);
}

}  // namespace
}  // namespace workspaced::ctl::completion
