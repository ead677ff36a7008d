#include "supervisor/run_mark.hpp"

#include <gtest/gtest.h>

namespace workspaced::supervisor {
namespace {

TEST(run_mark, comes_back_as_it_went) {
  for (const run_mark& mark : {run_mark{"web", 1, 2}, run_mark{"a/b", 18446744073709551615U, 0}})
    EXPECT_EQ(parse_mark(to_text(mark)), mark);
}

TEST(run_mark, what_is_none_is_not_taken_for_one) {
  for (const char* text :
       {"", "/", "//", "web", "web/1", "/1/2", "web//2", "web/1/", "web/x/2", "web/1/2x", "web/-1/2"})
    EXPECT_FALSE(parse_mark(text)) << text;
}

TEST(group_name, comes_back_as_it_went) {
  EXPECT_EQ(group_name("web", 3), "web.3");
  EXPECT_EQ(parse_group_name("web.v2.7"), (group_owner{"web.v2", 7}));
  for (const char* text : {"", ".", ".1", "web", "web.", "web.x", "web.1x", "cgroup.procs"})
    EXPECT_FALSE(parse_group_name(text)) << text;
}

}  // namespace
}  // namespace workspaced::supervisor
