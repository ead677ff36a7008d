#include "logs/printable.hpp"

#include <gtest/gtest.h>

#include <string>

namespace workspaced::logs {
namespace {

using namespace std::string_literals;

const std::string replacement = "\xef\xbf\xbd";

TEST(logs_json, escapes_what_json_forbids) {
  EXPECT_EQ(json_escaped("say \"hi\" \\ now"), R"(say \"hi\" \\ now)");
  EXPECT_EQ(json_escaped("a\nb\tc\rd"), R"(a\nb\tc\rd)");
  EXPECT_EQ(json_escaped("\x1b[31m\0\x7f"s), R"(\u001b[31m\u0000\u007f)");
}

TEST(logs_json, leaves_utf8_alone) {
  for (const std::string text : {"grün", "日本", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "\xee\x80\x80"}) {
    EXPECT_EQ(json_escaped(text), text);
  }
}

TEST(logs_json, replaces_each_byte_that_is_not_utf8) {
  EXPECT_EQ(json_escaped("a\xff\xfe z"), "a" + replacement + replacement + " z");
  EXPECT_EQ(json_escaped("cut \xe6\x97"), "cut " + replacement + replacement);
  EXPECT_EQ(json_escaped("\x80"), replacement);
  EXPECT_EQ(json_escaped("\xc0\xaf"), replacement + replacement) << "overlong";
  EXPECT_EQ(json_escaped("\xe0\x80\xaf"), replacement + replacement + replacement) << "overlong";
  EXPECT_EQ(json_escaped("\xed\xa0\x80"), replacement + replacement + replacement) << "surrogate";
  EXPECT_EQ(json_escaped("\xf4\x90\x80\x80"), replacement + replacement + replacement + replacement);
}

TEST(logs_one_line, keeps_a_message_on_one_line_and_a_terminal_sane) {
  EXPECT_EQ(one_line("first\nsecond\tx\r"), R"(first\nsecond\tx\r)");
  EXPECT_EQ(one_line("\x1b]0;title\x07"), R"(\x1b]0;title\x07)");
  EXPECT_EQ(one_line("grün \"quoted\" \\"), "grün \"quoted\" \\");
}

}  // namespace
}  // namespace workspaced::logs
