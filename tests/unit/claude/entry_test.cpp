#include "claude/entry.hpp"

#include <gtest/gtest.h>

#include <string>

namespace workspaced::claude {
namespace {

const std::string door = "http://127.0.0.1:9001/mcp/fleet";
const std::string by_header = make_entry(claude_form, door, bearer{"t0ken"}, false);
const std::string by_helper = make_entry(claude_form, door, helper{"/bin/ctl mcp headers fleet"}, false);

set_entry fleet(std::string text = by_helper, std::vector<std::string> earlier = {}, bool force = false) {
  return {{"mcpServers", "fleet"}, std::move(text), std::move(earlier), force};
}
remove_entry no_fleet(std::vector<std::string> earlier, bool force = false) {
  return {{"mcpServers", "fleet"}, std::move(earlier), force};
}

/// A file whose only server is `entry`.
std::string file_with(const std::string& entry) { return R"({"mcpServers":{"fleet":)" + entry + "}}"; }

std::string edited(const std::string& text, const std::vector<change>& changes) {
  const auto result = apply_changes(text, changes);
  return result ? *result : result.error().message();
}

standing state_of(const std::string& text, const set_entry& wanted) {
  return assess(text, {wanted})->front().state;
}

TEST(claude_entry, has_the_words_of_each_program) {
  EXPECT_EQ(by_header,
            R"({"type":"http","url":")" + door + R"(","headers":{"Authorization":"Bearer t0ken"}})");
  EXPECT_EQ(by_helper,
            R"({"type":"http","url":")" + door + R"(","headersHelper":"/bin/ctl mcp headers fleet"})");
  EXPECT_EQ(make_entry(claude_form, "u", {}, true), R"({"type":"http","url":"u","alwaysLoad":true})");
  EXPECT_EQ(make_entry({"mcpServers", "", "httpUrl"}, "u", bearer{"t"}, false),
            R"({"httpUrl":"u","headers":{"Authorization":"Bearer t"}})");
  EXPECT_TRUE(holds_secret(by_header));
  EXPECT_FALSE(holds_secret(by_helper));
}

TEST(claude_entry, is_added_where_there_is_none) {
  EXPECT_EQ(state_of(R"({"a":1})", fleet()), standing::missing);
  EXPECT_EQ(edited(R"({"a":1})", {fleet()}), R"({"a":1,"mcpServers":{"fleet":)" + by_helper + "}}");
}

TEST(claude_entry, stands_under_the_project_in_the_local_scope) {
  const set_entry local = {{"projects", "/w/a b", "mcpServers", "fleet"}, "{\"url\":1}", {}, false};
  EXPECT_EQ(edited(R"({"projects":{"/w/a b":{"history":[]}}})", {local}),
            R"({"projects":{"/w/a b":{"history":[],"mcpServers":{"fleet":{"url":1}}}}})");
}

TEST(claude_entry, is_left_alone_when_it_says_the_same) {
  const std::string text =
      R"({"mcpServers":{"fleet":{"alwaysLoad":true,"headers":{"X":"y","Authorization":"Bearer \u00740ken"},)"
      R"("url":"http:\/\/127.0.0.1:9001/mcp/fleet","type":"http"}}})";
  EXPECT_EQ(state_of(text, fleet(by_header)), standing::in_place);
  EXPECT_EQ(edited(text, {fleet(by_header)}), text);
}

TEST(claude_entry, takes_over_one_that_we_never_wrote_and_keeps_what_the_user_added) {
  const std::string text = file_with(
      R"({"alwaysLoad":true,"type":"sse","url":"http://old","headers":{"X-Team":"a","Authorization":"Bearer old"},)"
      R"("timeout":2.50})");
  EXPECT_EQ(state_of(text, fleet()), standing::outdated);
  EXPECT_EQ(
      edited(text, {fleet()}),
      file_with(
          R"({"alwaysLoad":true,"type":"http","url":")" + door +
          R"(","headers":{"X-Team":"a"},"timeout":2.50,"headersHelper":"/bin/ctl mcp headers fleet"})"));
}

TEST(claude_entry, changes_between_helper_and_header) {
  const std::string with_header = edited(file_with(by_helper), {fleet(by_header, {by_helper})});
  EXPECT_EQ(with_header, file_with(by_header));
  EXPECT_EQ(edited(with_header, {fleet(by_helper, {by_header})}),
            file_with(R"({"type":"http","url":")" + door +
                      R"(","headers":{},"headersHelper":"/bin/ctl mcp headers fleet"})"));
}

TEST(claude_entry, has_one_authorization_whatever_its_spelling) {
  const std::string text = file_with(R"({"type":"http","url":")" + door +
                                     R"(","headers":{"authorization":"Basic x","AUTHORIZATION":"y"}})");
  EXPECT_EQ(edited(text, {fleet(by_header)}), file_with(by_header));
}

TEST(claude_entry, replaces_an_entry_of_another_kind_as_a_whole) {
  EXPECT_EQ(edited(file_with(R"({"command":"npx","args":["x"]})"), {fleet()}), file_with(by_helper));
  EXPECT_EQ(edited(file_with("null"), {fleet()}), file_with(by_helper));
}

TEST(claude_entry, that_is_an_older_text_of_ours_is_brought_up_to_date) {
  const std::string old = make_entry(claude_form, "http://127.0.0.1:9000/mcp/fleet", bearer{"old"}, false);
  EXPECT_EQ(state_of(file_with(old), fleet(by_header, {by_header, old})), standing::outdated);
  EXPECT_EQ(edited(file_with(old), {fleet(by_header, {by_header, old})}), file_with(by_header));
}

TEST(claude_entry, that_the_user_changed_is_his_until_we_are_told_otherwise) {
  const std::string text =
      file_with(R"({"type":"http","url":"http://elsewhere/mcp","headersHelper":"mine"})");
  const set_entry wanted = fleet(by_helper, {by_helper});
  EXPECT_EQ(state_of(text, wanted), standing::changed_by_hand);
  EXPECT_EQ(edited(text, {wanted}), text);
  EXPECT_EQ(edited(text, {fleet(by_helper, {by_helper}, true)}), file_with(by_helper));
  EXPECT_EQ(edited(text, {no_fleet({by_helper})}), text);
  EXPECT_EQ(edited(text, {no_fleet({by_helper}, true)}), R"({"mcpServers":{}})");
}

TEST(claude_entry, counts_as_ours_whatever_the_user_added_to_it) {
  const std::string text =
      file_with(R"({"type":"http","url":")" + door +
                R"(","headersHelper":"/bin/ctl mcp headers fleet","timeout":9,"alwaysLoad":true})");
  EXPECT_EQ(state_of(text, fleet(by_helper, {by_helper})), standing::in_place);
  EXPECT_EQ(edited(text, {no_fleet({by_helper})}), R"({"mcpServers":{}})");
}

TEST(claude_entry, loses_always_load_when_we_wrote_it_and_want_it_no_more) {
  const std::string loaded = make_entry(claude_form, door, helper{"/bin/ctl mcp headers fleet"}, true);
  EXPECT_EQ(edited(file_with(loaded), {fleet(by_helper, {loaded})}), file_with(by_helper));
}

TEST(claude_entry, shows_a_difference_without_the_tokens) {
  const std::string text =
      file_with(R"({"type":"http","url":"http://elsewhere/mcp","headers":{"Authorization":"Bearer x"}})");
  const auto seen = assess(text, {fleet(by_header, {by_header})});
  ASSERT_TRUE(seen);
  const std::vector<difference> expected = {
      {"url", "\"" + door + "\"", "\"http://elsewhere/mcp\""},
      {"headers.Authorization", R"("Bearer …")", R"("Bearer …")"},
  };
  EXPECT_EQ(seen->front().differences, expected);
}

TEST(claude_entry, makes_several_changes_in_their_order) {
  EXPECT_EQ(edited(R"({"mcpServers":{"gone":{},"kept":{}}})",
                   {remove_entry{{"mcpServers", "gone"}, {}, true}, fleet(), no_fleet({by_helper})}),
            R"({"mcpServers":{"kept":{}}})");
}

TEST(claude_entry, refuses_a_file_whose_servers_are_not_an_object) {
  EXPECT_EQ(edited(R"({"mcpServers":[]})", {fleet()}),
            "line 1, column 15: the value of \"mcpServers\" is not an object");
}

TEST(claude_entry, never_shows_the_token_in_an_error) {
  const set_entry broken = fleet(make_entry(claude_form, door, bearer{"s3cret\xff"}, false));
  EXPECT_EQ(edited("{}", {broken}).find("s3cret"), std::string::npos);
  EXPECT_FALSE(apply_changes("{}", {broken}));
}

}  // namespace
}  // namespace workspaced::claude
