#include "state/edits.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace workspaced::state {
namespace {

class remembered_edits : public ::testing::Test {
 protected:
  remembered_edits() {
    std::string name = (std::filesystem::temp_directory_path() / "edits.XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~remembered_edits() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::string directory_;
  std::string file_ = directory_ + "/edits";
};

TEST_F(remembered_edits, come_back_as_they_went) {
  const edits all{{{"a", "command = \"x\"\n"}, {"b", "é\0"}}, {"web"}};
  ASSERT_FALSE(save_edits(file_, "boot 1", all));
  EXPECT_EQ(load_edits(file_, "boot 1"), all);
}

TEST_F(remembered_edits, of_another_epoch_are_none) {
  ASSERT_FALSE(save_edits(file_, "boot 1", {{}, {"web"}}));
  EXPECT_TRUE(load_edits(file_, "boot 2").empty());
}

TEST_F(remembered_edits, are_private) {
  ASSERT_FALSE(save_edits(file_, "boot 1", {{}, {"web"}}));
  EXPECT_EQ(std::filesystem::status(file_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(remembered_edits, leave_no_file_when_there_are_none) {
  ASSERT_FALSE(save_edits(file_, "boot 1", {{}, {"web"}}));
  ASSERT_FALSE(save_edits(file_, "boot 1", {}));
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(remembered_edits, in_a_file_that_says_nothing_are_none) {
  for (const char* text : {"", "{", "[]", "{\"epoch\":1}", R"({"epoch":"e","added":[],"removed":{}})"}) {
    std::ofstream(file_) << text;
    EXPECT_TRUE(load_edits(file_, "e").empty()) << text;
  }
}

}  // namespace
}  // namespace workspaced::state
