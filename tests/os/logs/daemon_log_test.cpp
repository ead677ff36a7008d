#include "logs/daemon_log.hpp"

#include "os/logs/scratch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>

namespace workspaced::logs {
namespace {

using namespace testing;

constexpr const char* time_pattern = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)";

/// Other tests' messages go to stderr again afterwards.
struct logs_daemon : ::testing::Test {
  logs_daemon() { options.file = dir / "workspaced/workspaced.log"; }
  ~logs_daemon() override { static_cast<void>(open_daemon_log({})); }
  scratch_dir dir;
  daemon_log_options options;
};

TEST_F(logs_daemon, writes_one_line_of_text_per_message) {
  ASSERT_TRUE(open_daemon_log(options));
  info("ready on 127.0.0.1:9001");
  warning("exit code 3\nand a second line", "web");
  const std::string expected = std::string(time_pattern) + " info ready on 127\\.0\\.0\\.1:9001\n" +
                               time_pattern + R"( warning \[web\] exit code 3\\nand a second line)" + "\n";
  EXPECT_TRUE(std::regex_match(content(options.file), std::regex(expected))) << content(options.file);
}

TEST_F(logs_daemon, writes_json_lines_whatever_bytes_a_message_has) {
  options.format = core::log_format::json;
  ASSERT_TRUE(open_daemon_log(options));
  error("quote \" brace {} percent %v byte \xff", "we\"b");
  info("plain");
  const std::string expected =
      R"(\{"time":")" + std::string(time_pattern) +
      R"(","level":"error","service":"we\\"b","message":"quote \\" brace \{\} percent %v byte )" +
      "\xef\xbf\xbd" + R"("\})" + "\n" + R"(\{"time":")" + time_pattern +
      R"(","level":"info","message":"plain"\})" + "\n";
  EXPECT_TRUE(std::regex_match(content(options.file), std::regex(expected))) << content(options.file);
}

TEST_F(logs_daemon, leaves_out_what_is_below_its_level) {
  options.level = core::log_level::warning;
  ASSERT_TRUE(open_daemon_log(options));
  debug("no");
  info("no");
  warning("yes");
  error("yes");
  EXPECT_EQ(content(options.file).find("no"), std::string::npos);
  const std::string all = content(options.file);
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 2);
}

TEST_F(logs_daemon, rotates_like_the_services_logs) {
  options.limits = {.max_size = 300, .keep = 2};
  ASSERT_TRUE(open_daemon_log(options));
  for (int i = 0; i < 40; ++i) info("message " + std::to_string(i));
  EXPECT_TRUE(std::filesystem::exists(options.file + ".2"));
  EXPECT_FALSE(std::filesystem::exists(options.file + ".3"));
  EXPECT_LE(std::filesystem::file_size(options.file + ".1"), 300U);
}

TEST_F(logs_daemon, stays_where_it_was_when_the_new_place_does_not_work) {
  ASSERT_TRUE(open_daemon_log(options));
  daemon_log_options wrong = options;
  wrong.file = "/dev/null/workspaced.log";
  const auto opened = open_daemon_log(wrong);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message(), "cannot create directory /dev/null: Not a directory");
  info("still here");
  EXPECT_NE(content(options.file).find("still here"), std::string::npos);
}

}  // namespace
}  // namespace workspaced::logs
