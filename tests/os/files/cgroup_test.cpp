// Where our own cgroup is, and what is written to limit one. The directory is a plain one in the place of the
// kernel's: few machines let a test divide memory and processors. tests/os/process/cgroup_test.cpp has the
// kernel's.
#include "os/cgroup.hpp"

#include "os/files/scratch.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace workspaced::os {
namespace {

std::string place_of(const char* mountinfo, const char* self) {
  const auto place = own_cgroup(mountinfo, self);
  return place ? place->directory : "none";
}

constexpr const char* whole =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

TEST(own_cgroup, is_below_the_mount) {
  EXPECT_EQ(place_of(whole, "0::/user.slice/user-1000.slice/session-3.scope\n"),
            "/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope");
}

TEST(own_cgroup, is_the_mount_in_a_container_with_a_namespace) {
  EXPECT_EQ(place_of(whole, "0::/\n"), "/sys/fs/cgroup");
}

TEST(own_cgroup, is_the_mount_in_a_container_that_was_given_its_part) {
  const char* part = "30 23 0:26 /kubepods/pod1/c2 /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
  EXPECT_EQ(place_of(part, "0::/kubepods/pod1/c2\n"), "/sys/fs/cgroup");
  EXPECT_EQ(place_of(part, "0::/kubepods/pod1/c2/below\n"), "/sys/fs/cgroup/below");
  EXPECT_EQ(place_of(part, "0::/kubepods/pod1/c22\n"), "none") << "another one";
}

TEST(own_cgroup, is_found_beside_version_1) {
  EXPECT_EQ(place_of("35 31 0:32 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
                     "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
                     "4:memory:/a\n1:cpu:/\n0::/b\n"),
            "/sys/fs/cgroup/unified/b");
}

TEST(own_cgroup, is_none_where_it_cannot_be_seen) {
  EXPECT_EQ(place_of("", "0::/\n"), "none");
  EXPECT_EQ(place_of(whole, "4:memory:/a\n"), "none") << "version 1 only";
  EXPECT_EQ(place_of(whole, "0::/../../elsewhere\n"), "none") << "outside of our namespace";
}

class cgroup_limit : public testing::scratch {
 protected:
  cgroup_limit() {
    std::filesystem::create_directories(path("base/ours/web.1"));
    for (const char* name : {"cgroup.subtree_control", "ours/cgroup.subtree_control", "ours/web.1/memory.max",
                             "ours/web.1/cpu.max"})
      write(name, "");
    write("cgroup.controllers", "cpuset cpu memory pids\n");
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(path("base/" + name)) << text;
  }
  std::string read(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(path("base/" + name)).rdbuf();
    return text.str();
  }
  std::vector<std::string> limit(const cgroup_limits& what) {
    return cgroup_parent(path("base"), "ours").limit("web.1", what);
  }
};

TEST_F(cgroup_limit, is_written_after_its_controller_was_let_in) {
  EXPECT_EQ(limit({512 << 20, 1500}), std::vector<std::string>{});
  EXPECT_EQ(read("ours/web.1/memory.max"), "536870912");
  EXPECT_EQ(read("ours/web.1/cpu.max"), "150000 100000");
  // A plain file keeps the last line only.
  EXPECT_TRUE(read("cgroup.subtree_control").starts_with("+cpu"));
  EXPECT_TRUE(read("ours/cgroup.subtree_control").starts_with("+cpu"));
}

TEST_F(cgroup_limit, without_its_controller_says_so) {
  write("cgroup.controllers", "cpu pids\n");
  const auto problems = limit({512 << 20, 1500});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_TRUE(problems[0].starts_with(
      "limits.memory is not applied: the controller memory is not delegated to us: it is not in "))
      << problems[0];
  EXPECT_EQ(read("ours/web.1/memory.max"), "");
  EXPECT_EQ(read("ours/web.1/cpu.max"), "150000 100000");
}

}  // namespace
}  // namespace workspaced::os
