#include "os/files.hpp"

#include "os/files/scratch.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <thread>

namespace workspaced::os::testing {
namespace {

using namespace std::chrono_literals;
using os_files = scratch;

TEST_F(os_files, directories_are_made_with_their_parents_and_mode) {
  EXPECT_FALSE(make_directories(path("a/b/c"), 0700));
  EXPECT_EQ(mode_of(path("a/b/c")), 0700U);
  EXPECT_EQ(mode_of(path("a")), 0700U);
}

TEST_F(os_files, an_existing_directory_keeps_its_mode) {
  std::filesystem::create_directory(path("a"));
  ::chmod(path("a").c_str(), 0755);
  EXPECT_FALSE(make_directories(path("a"), 0700));
  EXPECT_EQ(mode_of(path("a")), 0755U);
}

TEST_F(os_files, a_file_in_the_way_of_a_directory_is_an_error) {
  std::ofstream(path("a")) << "x";
  EXPECT_EQ(make_directories(path("a"), 0700).value(), ENOTDIR);
  EXPECT_EQ(make_directories(path("a/b"), 0700).value(), ENOTDIR);
}

TEST_F(os_files, writing_replaces_content_and_mode_and_leaves_nothing_else) {
  ASSERT_FALSE(write_whole(path("f"), "old and longer", 0644));
  ASSERT_FALSE(write_whole(path("f"), "new", 0600));
  EXPECT_EQ(*read_whole(path("f"), 100), "new");
  EXPECT_EQ(mode_of(path("f")), 0600U);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(os_files, a_reader_with_the_old_file_open_keeps_the_old_content) {
  ASSERT_FALSE(write_whole(path("f"), "old", 0600));
  std::ifstream reader(path("f"));
  ASSERT_FALSE(write_whole(path("f"), "new", 0600));
  std::string content;
  reader >> content;
  EXPECT_EQ(content, "old");
}

TEST_F(os_files, a_write_that_fails_leaves_nothing) {
  std::filesystem::create_directories(path("taken/by/a/directory"));
  EXPECT_TRUE(write_whole(path("taken"), "x", 0600));
  EXPECT_EQ(entries(), 1U);
  EXPECT_EQ(write_whole(path("no/such/place"), "x", 0600).value(), ENOENT);
}

TEST_F(os_files, reading_ends_at_the_limit) {
  ASSERT_FALSE(write_whole(path("f"), std::string(1000, 'x'), 0600));
  EXPECT_EQ(read_whole(path("f"), 999).error().value(), EFBIG);
  EXPECT_EQ(read_whole(path("f"), 1000)->size(), 1000U);
  EXPECT_EQ(read_whole(path("missing"), 10).error().value(), ENOENT);
}

TEST_F(os_files, a_directory_is_locked_by_one_who_is_named) {
  const auto first = lock_directory(path("."));
  ASSERT_TRUE(first);
  const auto second = lock_directory(path("."));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().find("(pid " + std::to_string(::getpid()) + ")"), std::string::npos)
      << second.error();
}

TEST_F(os_files, a_lock_ends_with_its_holder) {
  { ASSERT_TRUE(lock_directory(path("."))); }
  EXPECT_TRUE(lock_directory(path(".")));
}

TEST_F(os_files, a_copy_that_a_dead_holder_left_to_a_child_is_waited_for) {
  const pid_t holder = ::fork();
  if (holder == 0) {
    const auto lock = lock_directory(path("."));
    if (lock && ::fork() == 0) std::this_thread::sleep_for(300ms);
    ::_exit(lock ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(holder, &status, 0), holder);
  ASSERT_EQ(status, 0);
  const auto lock = lock_directory(path("."));
  EXPECT_TRUE(lock) << lock.error();
}

TEST_F(os_files, a_lock_in_a_missing_directory_says_where) {
  const auto lock = lock_directory(path("missing"));
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error(), "cannot open " + path("missing") + "/lock: No such file or directory");
}

}  // namespace
}  // namespace workspaced::os::testing
