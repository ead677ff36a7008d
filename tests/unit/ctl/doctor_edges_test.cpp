// What doctor looks at, for real: paths and programs.
#include "ctl/doctor/paths.hpp"
#include "ctl/doctor/programs.hpp"
#include "unit/ctl/fake_daemon.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace workspaced::ctl::doctor {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const std::string mounts =
    "1 0 0:1 / / rw - overlay overlay rw\n"
    "2 1 0:2 / /workspaces rw - ext4 /dev/sdb rw\n"
    "3 1 0:3 / /work rw - tmpfs tmpfs rw\n"
    "4 1 0:4 / /with\\040blank rw - tmpfs tmpfs rw\n";

TEST(ctl_doctor_paths, belong_to_the_deepest_mount_above_them) {
  EXPECT_EQ(mount_point_of("/workspaces/setup", mounts), "/workspaces");
  EXPECT_EQ(mount_point_of("/workspaces", mounts), "/workspaces");
  EXPECT_EQ(mount_point_of("/workspace", mounts), "/");
  EXPECT_EQ(mount_point_of("/work/x", mounts), "/work");
  EXPECT_EQ(mount_point_of("/with blank/x", mounts), "/with blank");
  EXPECT_EQ(mount_point_of("/home", ""), "/");
}

class ctl_doctor_files : public testing::Test {
 protected:
  ctl_doctor_files() {
    std::string pattern = fs::temp_directory_path() / "doctor-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~ctl_doctor_files() override { fs::remove_all(directory_); }

  std::string directory_;
};

TEST_F(ctl_doctor_files, are_told_with_owner_mode_and_room) {
  const auto seen = look_at(directory_, "");
  EXPECT_TRUE(seen.there && seen.directory && seen.writable && !seen.link);
  EXPECT_EQ(seen.mode, 0700U);
  EXPECT_EQ(seen.owner, ::geteuid());
  ASSERT_TRUE(seen.space);
  EXPECT_GT(seen.space->total, 0);
}

TEST_F(ctl_doctor_files, that_are_missing_are_told_of_the_file_system_they_would_be_made_in) {
  const auto seen = look_at(directory_ + "/not/there", "1 0 0:1 / " + directory_ + " rw - x x rw\n");
  EXPECT_FALSE(seen.there);
  EXPECT_EQ(seen.mount_point, directory_);
  EXPECT_TRUE(seen.space);
}

TEST_F(ctl_doctor_files, are_judged_by_where_links_lead) {
  fs::create_directory(directory_ + "/volume");
  fs::create_directory_symlink(directory_ + "/volume", directory_ + "/link");
  fs::create_symlink(directory_ + "/nowhere", directory_ + "/dangling");
  const auto seen = look_at(directory_ + "/link", "1 0 0:1 / " + directory_ + "/volume rw - x x rw\n");
  EXPECT_TRUE(seen.link && seen.directory);
  EXPECT_EQ(seen.mount_point, directory_ + "/volume");
  const auto dangling = look_at(directory_ + "/dangling", "");
  EXPECT_TRUE(dangling.link && !dangling.there);
  EXPECT_EQ(dangling.real, "");
}

program_end ask(const std::string& script, clock::duration patience = 5s) {
  asked_program asked({"sh", "-c", script}, {"PATH=/usr/bin:/bin", "NAME=value"});
  return asked.wait(clock::now() + patience);
}

TEST(ctl_doctor_programs, are_heard_to_their_end) {
  const auto end = ask("echo \"$NAME\"; echo no >&2; exit 3");
  EXPECT_EQ(end.what, program_end::how::ended);
  EXPECT_EQ(end.code, 3);
  EXPECT_EQ(end.out, "value\n");
  EXPECT_EQ(end.err, "no\n");
}

TEST(ctl_doctor_programs, that_are_missing_or_slow_are_told_so) {
  EXPECT_EQ(asked_program({"/no/such/program"}, {}).wait(clock::now()).what, program_end::how::not_started);
  const auto begun = clock::now();
  EXPECT_EQ(ask("sleep 100 & sleep 100", 50ms).what, program_end::how::ran_out_of_time);
  EXPECT_LT(clock::now() - begun, 5s);
}

TEST(ctl_doctor_programs, do_not_tell_the_login_in_an_address) {
  EXPECT_EQ(ask("echo \"fatal: 'https://me:secret@host/x' and http://host/y@z\" >&2").err,
            "fatal: 'https://host/x' and http://host/y@z\n");
}

}  // namespace
}  // namespace workspaced::ctl::doctor
