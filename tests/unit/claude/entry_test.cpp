#include "claude/entry.hpp"

#include <gtest/gtest.h>

#include <string>

namespace workspaced::claude {
namespace {

const set_server fleet = {"fleet", "http://127.0.0.1:8000/mcp", "s3cret"};
const set_server open_fleet = {"fleet", "http://127.0.0.1:8000/mcp", ""};

std::string edited(const std::string& text, const std::vector<change>& changes) {
  const auto result = apply_changes(text, changes);
  return result ? *result : result.error().message();
}

TEST(claude_entry, has_type_url_and_the_bearer_token) {
  EXPECT_EQ(edited("{\"a\":1}", {fleet}),
            R"({"a":1,"mcpServers":{"fleet":{"type":"http","url":"http://127.0.0.1:8000/mcp",)"
            R"("headers":{"Authorization":"Bearer s3cret"}}}})");
}

TEST(claude_entry, has_no_headers_without_a_token) {
  EXPECT_EQ(edited("{\"a\":1}", {open_fleet}),
            R"({"a":1,"mcpServers":{"fleet":{"type":"http","url":"http://127.0.0.1:8000/mcp"}}})");
}

TEST(claude_entry, is_left_alone_when_it_says_the_same) {
  const std::string text =
      R"({"mcpServers":{"fleet":{"alwaysLoad":true,"headers":{"X":"y","Authorization":"Bearer \u00733cret"},)"
      R"("url":"http:\/\/127.0.0.1:8000/mcp","type":"http"}}})";
  EXPECT_EQ(edited(text, {fleet}), text);
}

TEST(claude_entry, keeps_what_the_user_added) {
  EXPECT_EQ(edited(R"({"mcpServers":{"fleet":{"alwaysLoad":true,"type":"sse","url":"http://old",)"
                   R"("headers":{"X-Team":"a","Authorization":"Bearer old"},"timeout":2.50}}})",
                   {fleet}),
            R"({"mcpServers":{"fleet":{"alwaysLoad":true,"type":"http","url":"http://127.0.0.1:8000/mcp",)"
            R"("headers":{"X-Team":"a","Authorization":"Bearer s3cret"},"timeout":2.50}}})");
}

TEST(claude_entry, gains_headers_when_a_token_is_set_and_loses_the_authorization_when_it_is_not) {
  const std::string without = R"({"mcpServers":{"fleet":{"type":"http","url":"http://127.0.0.1:8000/mcp"}}})";
  const std::string with = edited(without, {fleet});
  EXPECT_EQ(with, R"({"mcpServers":{"fleet":{"type":"http","url":"http://127.0.0.1:8000/mcp",)"
                  R"("headers":{"Authorization":"Bearer s3cret"}}}})");
  EXPECT_EQ(edited(with, {open_fleet}),
            R"({"mcpServers":{"fleet":{"type":"http","url":"http://127.0.0.1:8000/mcp","headers":{}}}})");
}

TEST(claude_entry, has_one_authorization_whatever_its_spelling) {
  EXPECT_EQ(edited(R"({"mcpServers":{"fleet":{"type":"http","url":"http://127.0.0.1:8000/mcp",)"
                   R"("headers":{"authorization":"Basic x","AUTHORIZATION":"y"}}}})",
                   {fleet}),
            R"({"mcpServers":{"fleet":{"type":"http","url":"http://127.0.0.1:8000/mcp",)"
            R"("headers":{"Authorization":"Bearer s3cret"}}}})");
}

TEST(claude_entry, replaces_an_entry_of_another_kind_as_a_whole) {
  EXPECT_EQ(edited(R"({"mcpServers":{"fleet":{"command":"npx","args":["x"]}}})", {open_fleet}),
            R"({"mcpServers":{"fleet":{"type":"http","url":"http://127.0.0.1:8000/mcp"}}})");
  EXPECT_EQ(edited(R"({"mcpServers":{"fleet":null}})", {open_fleet}),
            R"({"mcpServers":{"fleet":{"type":"http","url":"http://127.0.0.1:8000/mcp"}}})");
}

TEST(claude_entry, makes_several_changes_in_their_order) {
  EXPECT_EQ(edited(R"({"mcpServers":{"gone":{},"kept":{}}})",
                   {remove_server{"gone"}, open_fleet, remove_server{"fleet"}}),
            R"({"mcpServers":{"kept":{}}})");
}

TEST(claude_entry, refuses_a_file_whose_servers_are_not_an_object) {
  EXPECT_EQ(edited(R"({"mcpServers":[]})", {fleet}),
            "line 1, column 15: the value of \"mcpServers\" is not an object");
}

TEST(claude_entry, never_shows_the_token_in_an_error) {
  set_server broken = fleet;
  broken.bearer_token = "s3cret\xff";
  EXPECT_EQ(edited("{}", {broken}).find("s3cret"), std::string::npos);
  EXPECT_FALSE(apply_changes("{}", {broken}));
}

}  // namespace
}  // namespace workspaced::claude
