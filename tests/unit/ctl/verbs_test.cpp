#include "ctl/verbs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace workspaced::ctl {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(ctl_verbs, table_has_each_verb_once_with_summary_and_example) {
  std::set<std::string_view> names;
  for (const auto& verb : all_verbs()) {
    EXPECT_TRUE(names.insert(verb.name).second) << verb.name;
    EXPECT_FALSE(verb.summary.empty()) << verb.name;
    EXPECT_FALSE(verb.examples.empty()) << verb.name;
    const bool timed =
        std::find(verb.options.begin(), verb.options.end(), option_id::timeout) != verb.options.end();
    EXPECT_EQ(timed, !verb.timeout.empty()) << verb.name << ": --timeout and its default go together";
    for (const auto& it : verb.examples) {
      EXPECT_TRUE(it.command.starts_with("workspacectl " + std::string(verb.name))) << it.command;
    }
  }
  EXPECT_EQ(names.size(), 22U);
}

TEST(ctl_verbs, overview_names_every_verb) {
  const auto text = overview();
  for (const auto& verb : all_verbs()) {
    EXPECT_TRUE(contains(text, "\n  " + std::string(verb.name) + " ")) << verb.name;
    EXPECT_TRUE(contains(text, verb.summary)) << verb.name;
  }
}

TEST(ctl_verbs, help_of_a_verb_has_its_options_and_examples) {
  for (const auto& verb : all_verbs()) {
    const auto text = help_of(verb);
    for (const auto id : verb.options) {
      const auto names = find_option(id).names;
      const auto long_name = names.substr(names.find("--"));
      EXPECT_TRUE(contains(text, long_name)) << verb.name << " " << long_name;
    }
    for (const auto& it : verb.examples) EXPECT_TRUE(contains(text, it.command)) << it.command;
    EXPECT_TRUE(contains(text, "--json")) << verb.name;
  }
}

TEST(ctl_verbs, help_fits_eighty_columns) {
  auto all = overview();
  for (const auto& verb : all_verbs()) all += help_of(verb);
  std::size_t begin = 0;
  while (begin < all.size()) {
    const auto end = all.find('\n', begin);
    EXPECT_LE(end - begin, 80U) << all.substr(begin, end - begin);
    begin = end + 1;
  }
}

}  // namespace
}  // namespace workspaced::ctl
