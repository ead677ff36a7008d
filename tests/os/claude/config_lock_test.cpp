#include "claude/config_lock.hpp"

#include "os/claude/workbench.hpp"

namespace workspaced::claude::testing {
namespace {

class config_lock_test : public workbench {};

TEST_F(config_lock_test, is_a_directory_while_it_is_held) {
  {
    const auto held = config_lock::try_take(lock);
    ASSERT_TRUE(held && *held);
    EXPECT_TRUE(S_ISDIR(facts(lock).st_mode));
    EXPECT_TRUE((*held)->still_ours());
    EXPECT_FALSE(*config_lock::try_take(lock)) << "taken twice";
  }
  EXPECT_TRUE(names().empty());
}

TEST_F(config_lock_test, knows_when_somebody_took_it_over_and_leaves_theirs_alone) {
  {
    const auto held = config_lock::try_take(lock);
    ASSERT_TRUE(held && *held);
    std::filesystem::remove(lock);
    std::filesystem::create_directory(lock);
    touch(lock, 1s);
    EXPECT_FALSE((*held)->still_ours());
  }
  EXPECT_TRUE(std::filesystem::exists(lock));
}

TEST_F(config_lock_test, says_why_it_cannot_be_made) {
  const auto held = config_lock::try_take(directory + "/missing/.claude.json.lock");
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().message,
            "cannot make the lock " + directory + "/missing/.claude.json.lock: No such file or directory");
}

}  // namespace
}  // namespace workspaced::claude::testing
