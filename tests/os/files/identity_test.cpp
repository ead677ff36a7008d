#include "os/identity.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

namespace workspaced::os {
namespace {

const user_database known = {
    "root:x:0:0:root:/root:/bin/bash\n"
    "broken line\n"
    "nobody:x:notanumber:65534::/:/bin/false\n"
    "coder:x:1000:1000:A Coder,,,:/home/coder:/bin/zsh\n"
    "coder:x:1001:1001:a second one:/elsewhere:/bin/sh\n"
    "4242:x:77:77:its name is a number:/n:/bin/sh\n"
    "short:x:5:5\n",
    "root:x:0:\n"
    "docker:x:44:someone,coder\n"
    "coder:x:1000:\n"
    "sudo:x:27:coder\n"
    "almost:x:28:coderx,xcoder\n",
};
using groups = std::vector<gid_t>;

TEST(identity, a_user_has_a_group_a_home_and_groups_that_list_it) {
  const auto who = resolve(known, "coder", "", std::nullopt);
  ASSERT_TRUE(who) << who.error();
  EXPECT_EQ(*who, (identity{1000, 1000, groups{27, 44, 1000}, "coder", "/home/coder", "/bin/zsh"}));
}

TEST(identity, numbers_are_users_too_with_or_without_an_entry) {
  EXPECT_EQ(resolve(known, "1000", "", std::nullopt)->name, "coder");
  EXPECT_EQ(*resolve(known, "9999", "", std::nullopt), (identity{9999, 0, groups{0}, "", "", ""}));
  EXPECT_EQ(resolve(known, "4242", "", std::nullopt)->uid, 77U) << "a name goes before a number";
}

TEST(identity, group_and_groups_go_before_the_users_own) {
  const auto who = resolve(known, "coder", "docker", std::vector<std::string>{"sudo", "5000", "sudo"});
  ASSERT_TRUE(who) << who.error();
  EXPECT_EQ(who->gid, 44U);
  EXPECT_EQ(who->groups, (groups{27, 44, 5000}));
  EXPECT_EQ(resolve(known, "coder", "", std::vector<std::string>{})->groups, (groups{1000}));
}

TEST(identity, without_a_user_it_is_ours) {
  const auto who = resolve(known, "", "docker", std::nullopt);
  ASSERT_TRUE(who) << who.error();
  EXPECT_EQ(who->uid, ::geteuid());
  EXPECT_EQ(who->gid, 44U);
}

TEST(identity, who_is_not_known_is_told) {
  EXPECT_EQ(resolve(known, "nosuch", "", std::nullopt).error(), "there is no user nosuch in /etc/passwd");
  EXPECT_EQ(resolve(known, "nobody", "", std::nullopt).error(), "there is no user nobody in /etc/passwd");
  EXPECT_EQ(resolve(known, "short", "", std::nullopt).error(), "there is no user short in /etc/passwd");
  EXPECT_EQ(resolve(known, "4294967295", "", std::nullopt).error(),
            "there is no user 4294967295 in /etc/passwd");
  EXPECT_EQ(resolve(known, "coder", "nosuch", std::nullopt).error(),
            "there is no group nosuch in /etc/group");
  EXPECT_FALSE(resolve(known, "coder", "", std::vector<std::string>{"nosuch"}));
  EXPECT_FALSE(resolve(user_database{}, "coder", "", std::nullopt));
}

TEST(identity, we_know_ourselves) {
  const auto who =
      resolve(read_user_database(), std::to_string(::geteuid()), std::to_string(::getegid()), std::nullopt);
  ASSERT_TRUE(who) << who.error();
  EXPECT_EQ(who->uid, ::geteuid());
}

}  // namespace
}  // namespace workspaced::os
