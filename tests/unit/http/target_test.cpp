#include "http/target.hpp"

#include <gtest/gtest.h>

namespace workspaced::http {
namespace {

TEST(http_target, decodes_path_and_query_once) {
  const auto got = parse_target("/v1/services/a%20b/logs?tail=10&follow&x=%2541+b&&k=a=b");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->path, "/v1/services/a b/logs");
  const header_list expected = {{"tail", "10"}, {"follow", ""}, {"x", "%41 b"}, {"k", "a=b"}};
  EXPECT_EQ(got->query, expected);
}

TEST(http_target, keeps_a_plus_in_the_path_and_utf8) {
  const auto got = parse_target("/a+b/%C3%A4");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->path, "/a+b/\xc3\xa4");
}

TEST(http_target, takes_the_host_of_the_absolute_form) {
  const auto got = parse_target("http://localhost:9001/health?verbose");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->authority, "localhost:9001");
  EXPECT_EQ(got->path, "/health");
  EXPECT_EQ(parse_target("HTTP://localhost")->path, "/");
}

class bad_target : public testing::TestWithParam<const char*> {};

TEST_P(bad_target, is_refused) { EXPECT_FALSE(parse_target(GetParam())); }

INSTANTIATE_TEST_SUITE_P(http_target, bad_target,
                         testing::Values("", "health", "../health", "/../etc/passwd", "/a/../b", "/a/./b",
                                         "/..", "/.", "/%2e%2e/x", "/%2E./x", "/a%2fb", "/a%2Fb", "/a%00b",
                                         "/a%0ab", "/a%7f", "/%", "/%4", "/%zz", "/%c3%28", "/%ff",
                                         "/%ed%a0%80", "/?x=%", "/?x=%00", "/?%ff", "http:///x",
                                         "https://localhost/x"));

TEST(http_target, a_segment_of_three_dots_is_a_name) { EXPECT_TRUE(parse_target("/.../..a/a..")); }

}  // namespace
}  // namespace workspaced::http
