#include "json/edit.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace workspaced::json {
namespace {

std::string set(const std::string& text, const path& path, const std::string& value) {
  const auto edited = set_member(text, path, value);
  return edited ? *edited : edited.error().message();
}

std::string removed(const std::string& text, const path& path) {
  const auto edited = remove_member(text, path);
  return edited ? *edited : edited.error().message();
}

const std::string claude_like = R"({
  "numStartups": 12345678901234567890,
  "ratio": 2.50,
  "mcpServers": {
    "other": {
      "type": "stdio",
      "args": []
    }
  },
  "projects": {"/tmp": {"x": [1,2 , 3]}}
})";

TEST(json_set, inserts_behind_the_last_member_and_keeps_every_other_byte) {
  EXPECT_EQ(set(claude_like, {"mcpServers", "fleet"},
                R"({"type":"http","headers":{"A":"b"},"none":{}, "l":[1,2]})"),
            R"({
  "numStartups": 12345678901234567890,
  "ratio": 2.50,
  "mcpServers": {
    "other": {
      "type": "stdio",
      "args": []
    },
    "fleet": {
      "type": "http",
      "headers": {
        "A": "b"
      },
      "none": {},
      "l": [
        1,
        2
      ]
    }
  },
  "projects": {"/tmp": {"x": [1,2 , 3]}}
})");
}

TEST(json_set, replaces_only_the_value) {
  EXPECT_EQ(set("{\n\t\"a\" : 1 ,\n\t\"b\" : [ ]\n}\n", {"a"}, R"({"c":true})"),
            "{\n\t\"a\" : {\n\t\t\"c\" : true\n\t} ,\n\t\"b\" : [ ]\n}\n");
}

TEST(json_set, creates_missing_objects_on_the_way) {
  EXPECT_EQ(set("{}", {"a", "b", "c"}, "1"), "{\n  \"a\": {\n    \"b\": {\n      \"c\": 1\n    }\n  }\n}");
  EXPECT_EQ(set("{\n  \"a\": null\n}", {"a", "b"}, "1"), "{\n  \"a\": {\n    \"b\": 1\n  }\n}");
  EXPECT_EQ(set("{\n  \"a\": {}\n}", {"a", "b"}, "1"), "{\n  \"a\": {\n    \"b\": 1\n  }\n}");
}

TEST(json_set, follows_the_layout_of_the_file) {
  EXPECT_EQ(set(R"({"a":1,"b":2})", {"c"}, R"({"d": [1, 2]})"), R"({"a":1,"b":2,"c":{"d":[1,2]}})");
  EXPECT_EQ(set(R"({"a": 1, "b": 2})", {"c"}, R"({"d":[1,2]})"), R"({"a": 1, "b": 2, "c": {"d": [1, 2]}})");
  EXPECT_EQ(set(R"({"a": 1})", {"c"}, "2"), R"({"a": 1, "c": 2})");
  EXPECT_EQ(set(R"({"a":{}})", {"a", "b"}, "2"), R"({"a":{"b":2}})");
  EXPECT_EQ(set("{\r\n    \"a\": 1\r\n}\r\n", {"b", "c"}, "2"),
            "{\r\n    \"a\": 1,\r\n    \"b\": {\r\n        \"c\": 2\r\n    }\r\n}\r\n");
  EXPECT_EQ(set("{\n\"a\": 1\n}", {"b", "c"}, "2"), "{\n\"a\": 1,\n\"b\": {\n\"c\": 2\n}\n}");
  EXPECT_EQ(set("{\n  \"a\": {\"b\": 1}\n}", {"a", "c"}, "{\"d\":2}"),
            "{\n  \"a\": {\"b\": 1, \"c\": {\"d\": 2}}\n}");
}

TEST(json_set, keeps_a_byte_order_mark_and_what_surrounds_the_object) {
  EXPECT_EQ(set("\xef\xbb\xbf{}\n", {"a"}, "1"), "\xef\xbb\xbf{\n  \"a\": 1\n}\n");
  EXPECT_EQ(set(" { \"a\":1 } \n", {"b"}, "1"), " { \"a\":1,\"b\":1 } \n");
}

TEST(json_set, leaves_an_equal_value_as_it_is) {
  const std::string text = R"({"a": {"y" : 2.50, "x": "\u0041"}})";
  EXPECT_EQ(set(text, {"a"}, R"({"x":"A","y":2.5})"), text);
  EXPECT_NE(set(text, {"a"}, R"({"x":"A","y":2.6})"), text);
}

TEST(json_set, keeps_the_spelling_of_numbers_and_strings_in_the_new_value) {
  EXPECT_EQ(set("{}", {"a"}, R"([1e3, "\u0041, {"])"), "{\n  \"a\": [\n    1e3,\n    \"\\u0041, {\"\n  ]\n}");
}

TEST(json_set, changes_the_last_of_equal_keys) {
  EXPECT_EQ(set(R"({"a": 1, "a": 2})", {"a"}, "3"), R"({"a": 1, "a": 3})");
}

TEST(json_set, finds_a_key_that_is_written_with_escapes_and_writes_one_that_needs_them) {
  EXPECT_EQ(set(R"({"\u0061": 1})", {"a"}, "2"), R"({"\u0061": 2})");
  EXPECT_EQ(set("{\"z\":1}", {"q\"\\\n"}, "2"), R"({"z":1,"q\"\\\u000a":2})");
}

TEST(json_set, refuses_to_put_a_member_into_something_else_than_an_object) {
  EXPECT_EQ(set("{\n  \"mcpServers\": []\n}", {"mcpServers", "a"}, "1"),
            "line 2, column 17: the value of \"mcpServers\" is not an object");
}

TEST(json_set, refuses_a_new_value_that_is_not_json) {
  EXPECT_EQ(set("{}", {"a"}, "{"), "line 1, column 2: the new value: the text ends too early");
  EXPECT_EQ(set("{}", {"a"}, quote("\xff")), "line 1, column 2: the new value: not UTF-8");
}

TEST(json_remove, takes_the_comma_along) {
  const std::string text = "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}";
  EXPECT_EQ(removed(text, {"a"}), "{\n  \"b\": 2,\n  \"c\": 3\n}");
  EXPECT_EQ(removed(text, {"b"}), "{\n  \"a\": 1,\n  \"c\": 3\n}");
  EXPECT_EQ(removed(text, {"c"}), "{\n  \"a\": 1,\n  \"b\": 2\n}");
  EXPECT_EQ(removed("{\n  \"a\": 1\n}", {"a"}), "{}");
}

TEST(json_remove, removes_all_of_equal_keys_lest_an_older_one_comes_back) {
  EXPECT_EQ(removed(R"({"a": 1, "b": 2, "a": 3})", {"a"}), R"({"b": 2})");
}

TEST(json_remove, leaves_a_text_without_the_member_alone) {
  EXPECT_EQ(removed(claude_like, {"mcpServers", "fleet"}), claude_like);
  EXPECT_EQ(removed(claude_like, {"ratio", "x"}), claude_like);
}

TEST(json_get, returns_the_raw_text) {
  EXPECT_EQ(*get_member(claude_like, {"ratio"}), "2.50");
  EXPECT_EQ(*get_member(claude_like, {"projects", "/tmp"}), R"({"x": [1,2 , 3]})");
  EXPECT_EQ(*get_member(claude_like, {"projects", "/home"}), std::nullopt);
  EXPECT_EQ(*get_member(claude_like, {"ratio", "deeper"}), std::nullopt);
  EXPECT_FALSE(get_member("{", {"a"}));
}

TEST(json_get, lists_members_in_their_order) {
  const auto all = list_members(claude_like, {"mcpServers", "other"});
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(1).first, "args");
  EXPECT_EQ(all->at(1).second, "[]");
  EXPECT_TRUE(list_members(claude_like, {"ratio"})->empty());
}

}  // namespace
}  // namespace workspaced::json
