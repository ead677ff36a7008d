#include "logs/daemon_log.hpp"

#include "os/logs/scratch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <string>

namespace workspaced::logs {
namespace {

using namespace testing;

std::string with_digits_as_zero(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char each) { return each >= '0' && each <= '9'; }, '0');
  return text;
}

/// Other tests' messages go to stderr again afterwards.
struct logs_daemon : ::testing::Test {
  logs_daemon() { options.file = dir / "workspaced/workspaced.log"; }
  ~logs_daemon() override { static_cast<void>(open_daemon_log({})); }
  scratch_dir dir;
  daemon_log_options options;
};

TEST_F(logs_daemon, writes_one_line_of_text_per_message) {
  ASSERT_TRUE(open_daemon_log(options));
  info("ready on port 9001");
  warning("exit code 3\nand a second line", "web");
  EXPECT_EQ(with_digits_as_zero(content(options.file)),
            "0000-00-00T00:00:00.000Z info ready on port 0000\n"
            "0000-00-00T00:00:00.000Z warning [web] exit code 0\\nand a second line\n");
}

TEST_F(logs_daemon, writes_json_lines_whatever_bytes_a_message_has) {
  options.format = core::log_format::json;
  ASSERT_TRUE(open_daemon_log(options));
  error("quote \" brace {} percent %v byte \xff", "we\"b");
  info("plain");
  EXPECT_EQ(with_digits_as_zero(content(options.file)),
            R"({"time":"0000-00-00T00:00:00.000Z","level":"error","service":"we\"b",)"
            R"("message":"quote \" brace {} percent %v byte )"
            "\xef\xbf\xbd\"}\n"
            R"({"time":"0000-00-00T00:00:00.000Z","level":"info","message":"plain"})"
            "\n");
}

TEST_F(logs_daemon, says_the_time_in_utc_wherever_it_runs) {
  ::setenv("TZ", "EAST-9", 1);
  ::tzset();
  ASSERT_TRUE(open_daemon_log(options));
  const std::time_t before = std::time(nullptr);
  info("now");
  ::unsetenv("TZ");
  ::tzset();
  std::tm read{};
  ASSERT_NE(::strptime(content(options.file).c_str(), "%Y-%m-%dT%H:%M:%S", &read), nullptr);
  EXPECT_GE(::timegm(&read), before);
  EXPECT_LE(::timegm(&read), std::time(nullptr));
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
