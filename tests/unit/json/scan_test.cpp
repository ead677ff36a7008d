#include "json/scan.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace workspaced::json {
namespace {

struct refusal {
  std::string text;
  std::string message;
};

TEST(json_scan, says_where_a_text_is_not_a_json_object) {
  const std::vector<refusal> table = {
      {"", "line 1, column 1: the text is empty"},
      {"[]", "line 1, column 1: the text is not a JSON object"},
      {"null", "line 1, column 1: the text is not a JSON object"},
      {"{", "line 1, column 2: the text ends too early"},
      {"{\n  \"a\": 1,\n  \"b", "line 3, column 5: the text ends too early"},
      {"{\"a\": tr", "line 1, column 9: the text ends too early"},
      {"{\"a\": {\"b\": 1}", "line 1, column 15: the text ends too early"},
      {"{\"a\": 1}\n}", "line 2, column 1: something follows the end of the value"},
      {"{\"a\": 1}{", "line 1, column 9: something follows the end of the value"},
      {"{\"a\": 1,}", "line 1, column 9: a key in double quotes is missing"},
      {"{a: 1}", "line 1, column 2: a key in double quotes is missing"},
      {"{\"a\" 1}", "line 1, column 6: a colon is missing"},
      {"{\"a\": 1 \"b\": 2}", "line 1, column 9: a comma or } is missing"},
      {"{\"a\": [1 2]}", "line 1, column 10: a comma or ] is missing"},
      {"{\"a\": [1,]}", "line 1, column 10: not a JSON value"},
      {"{\"a\": NaN}", "line 1, column 7: not a JSON value"},
      {"{\"a\": trap}", "line 1, column 7: not a JSON value"},
      {"{\"a\": 01}", "line 1, column 8: a comma or } is missing"},
      {"{\"a\": 1.}", "line 1, column 9: a number without digits after its point"},
      {"{\"a\": 1e+}", "line 1, column 10: a number without digits in its exponent"},
      {"{\"a\": +1}", "line 1, column 7: not a JSON value"},
      {"{\"a\": \"\\x\"}", "line 1, column 9: an unknown escape in a string"},
      {"{\"a\": \"\\u12g4\"}", "line 1, column 9: \\u without four hexadecimal digits"},
      {"{\"a\": \"x\ty\"}", "line 1, column 9: a control character in a string"},
      {"{\"ä\": \"\xff\"}", "line 1, column 8: not UTF-8"},
      {"{\"a\": 1} // comment", "line 1, column 10: something follows the end of the value"},
      {std::string("{\"a\": 1}\0", 9), "line 1, column 9: something follows the end of the value"},
  };
  for (const refusal& row : table) {
    const auto found = locate(row.text, {});
    ASSERT_FALSE(found) << row.text;
    EXPECT_EQ(found.error().message(), row.message) << row.text;
  }
}

TEST(json_scan, refuses_every_ill_formed_utf8_sequence) {
  const std::vector<std::string> bad = {"\x80",
                                        "\xc0\xaf",
                                        "\xc1\xbf",
                                        "\xc3",
                                        "\xe0\x9f\xbf",
                                        "\xe2\x82",
                                        "\xed\xa0\x80",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xf4\x90\x80\x80",
                                        "\xf5\x80\x80\x80",
                                        "\xc3\x28"};
  for (const std::string& bytes : bad) EXPECT_FALSE(locate("{\"a\": \"" + bytes + "\"}", {}));
  const std::vector<std::string> good = {"\xc2\x80",     "\xe0\xa0\x80",     "\xed\x9f\xbf",
                                         "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
  for (const std::string& bytes : good) EXPECT_TRUE(locate("{\"a\": \"" + bytes + "\"}", {}));
}

TEST(json_scan, accepts_what_claude_code_accepts) {
  EXPECT_TRUE(locate("\xef\xbb\xbf{}", {}));
  EXPECT_TRUE(locate(" \r\n\t{ } \n", {}));
  EXPECT_TRUE(locate(R"({"lone": "\ud800", "n": [-0, 1.5e-3, 1E9, 12345678901234567890]})", {}));
}

std::string nested(unsigned depth) {
  return "{\"a\": " + std::string(depth, '[') + std::string(depth, ']') + "}";
}

TEST(json_scan, refuses_a_text_that_is_nested_too_deeply) {
  EXPECT_TRUE(locate(nested(max_depth - 1), {}));
  EXPECT_FALSE(locate(nested(max_depth), {}));
  EXPECT_FALSE(locate(nested(1'000'000), {}));
}

TEST(json_scan, finds_the_objects_along_a_path) {
  const std::string text = R"({"x": {"y": 1}, "a": {"b": {"c": 2}}})";
  const auto levels = locate(text, {"a", "b"});
  ASSERT_TRUE(levels);
  ASSERT_EQ(levels->size(), 3U);
  EXPECT_EQ(levels->back().members.at(0).key, "c");
  EXPECT_EQ(text.substr((*levels)[1].open), R"({"b": {"c": 2}}})");
  EXPECT_EQ(locate(text, {"a", "b", "c", "d"})->size(), 3U);
  EXPECT_EQ(locate(text, {"missing", "b"})->size(), 1U);
}

TEST(json_scan, lets_the_last_of_equal_keys_count) {
  EXPECT_EQ(locate(R"({"a": {"b": {}}, "a": {"c": 1}})", {"a", "b"})->size(), 2U);
  EXPECT_EQ(locate(R"({"a": {"b": {}}, "a": 7})", {"a", "b"})->size(), 1U);
}

TEST(json_scan, decodes_keys_before_it_compares_them) {
  EXPECT_EQ(locate(R"({"mcp\u0053ervers": {}})", {"mcpServers"})->size(), 2U);
  EXPECT_EQ(decode_string(R"("\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00")"), "\"\\/\b\f\n\r\té€😀");
  EXPECT_EQ(decode_string(R"("\ud83dx")"), "\xed\xa0\xbdx");
}

TEST(json_scan, takes_an_array_apart) {
  using list = std::vector<std::string_view>;
  EXPECT_EQ(elements(R"( [1, {"a": [2]} ,"x"] )"), (list{"1", R"({"a": [2]})", "\"x\""}));
  EXPECT_EQ(elements("[]"), list());
  for (const char* broken : {"", "{}", "[1", "[1,]", "[1] 2", "[1 2]"})
    EXPECT_EQ(elements(broken), list()) << broken;
}

}  // namespace
}  // namespace workspaced::json
