#include "config/text.hpp"

#include <gtest/gtest.h>

#include <map>

namespace workspaced::config {
namespace {

using namespace std::chrono_literals;

TEST(duration, is_read_in_every_unit) {
  const std::map<std::string, core::duration> good = {
      {"500ms", 500ms}, {"10s", 10s}, {"2m", 2min},
      {"1.5h", 90min},  {"1d", 24h},  {"1m30s", 90s},
      {"250us", 250us}, {"0s", 0s},   {"7ns", core::duration(7)},
  };
  for (const auto& [text, value] : good) EXPECT_EQ(parse_duration(text).value(), value) << text;
}

TEST(duration, without_a_unit_or_with_anything_else_is_refused) {
  for (const char* text :
       {"", "10", "s", "-1s", "1 s", "1x", "1s2", "10S", "1e3s", "inf", "999999999d", "+1s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(duration, is_written_so_that_it_reads_back) {
  for (const core::duration value : {core::duration(0), core::duration(1ms), core::duration(90s),
                                     core::duration(36h), core::duration(1h + 1ns), core::duration(250us)}) {
    EXPECT_EQ(parse_duration(format_duration(value)).value(), value) << format_duration(value);
  }
  EXPECT_EQ(format_duration(90s), "1m30s");
}

TEST(size, knows_decimal_and_binary_units) {
  const std::map<std::string, std::uint64_t> good = {{"4096", 4096},    {"10MB", 10'000'000},
                                                     {"64KiB", 65'536}, {"1.5GiB", 1'610'612'736},
                                                     {"0", 0},          {"3B", 3}};
  for (const auto& [text, value] : good) EXPECT_EQ(parse_size(text).value(), value) << text;
  for (const char* text : {"", "MB", "-1", "1 MB", "1M", "1mb", "99999999TB"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(words, are_split_as_a_shell_does) {
  using words = std::vector<std::string>;
  const std::map<std::string, words> good = {
      {"", {}},
      {"  a   b\tc ", {"a", "b", "c"}},
      {"sh -c 'echo \"hi\"; exit 3'", {"sh", "-c", "echo \"hi\"; exit 3"}},
      {R"(a "b c" d\ e)", {"a", "b c", "d e"}},
      {R"("a\"b" "\n")", {"a\"b", "\\n"}},
      {"''", {""}},
      {"a''b\"c\"", {"abc"}},
      {"$HOME | > & ;", {"$HOME", "|", ">", "&", ";"}},
  };
  for (const auto& [text, expected] : good) EXPECT_EQ(split_words(text).value(), expected) << text;
  for (const char* text : {"a 'b", "a \"b", "a\\"}) EXPECT_FALSE(split_words(text)) << text;
}

TEST(expansion, replaces_variables_and_defaults) {
  const auto variables = [](const std::string& name) -> std::optional<std::string> {
    if (name == "A") return "alpha";
    if (name == "EMPTY") return "";
    return std::nullopt;
  };
  const std::map<std::string, std::string> good = {
      {"plain $A $", "plain $A $"},
      {"${A}", "alpha"},
      {"x${A}y${A}", "xalphayalpha"},
      {"${EMPTY}", ""},
      {"${EMPTY:-d}", "d"},
      {"${B:-d}", "d"},
      {"${B:-}", ""},
      {"${B:-${A}/logs}", "alpha/logs"},
      {"${B:-${C:-x}/logs}", "x/logs"},
      {"$${A} $$", "${A} $"},
      {"${A:?needed}", "alpha"},
  };
  for (const auto& [text, expected] : good) EXPECT_EQ(expand(text, variables).value(), expected) << text;
  EXPECT_EQ(expand("${B}", variables).error().why,
            "the environment variable B is not set; set it, or write ${B:-default}");
  EXPECT_EQ(expand("${B:?say what}", variables).error().why,
            "the environment variable B is not set: say what");
  for (const char* text : {"${", "${A", "${}", "${A-x}", "${1}", "${B:-${C}}"})
    EXPECT_FALSE(expand(text, variables)) << text;
}

TEST(env_line, is_read_as_dotenv_files_are_written) {
  const std::map<std::string, assignment> good = {
      {"A=1", {"A", "1"}},
      {"export A=1", {"A", "1"}},
      {" A = x y # note", {"A", "x y"}},
      {"A='x # y'", {"A", "x # y"}},
      {R"(A="x\"y" # note)", {"A", "x\"y"}},
      {"A=", {"A", ""}},
      {"A=b=c", {"A", "b=c"}},
  };
  for (const auto& [line, expected] : good) EXPECT_EQ(**parse_assignment(line), expected) << line;
  for (const char* line : {"", "   ", "# note"}) EXPECT_FALSE(*parse_assignment(line)) << line;
  for (const char* line : {"A", "1A=x", "=x", "A='x", "A=\"x\"y"})
    EXPECT_FALSE(parse_assignment(line)) << line;
}

}  // namespace
}  // namespace workspaced::config
