// Who a child is and what it may use.
#include "os/process/lab.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

namespace workspaced::os::testing {
namespace {

class os_settings : public lab {
 protected:
  spawn_request with(process_settings settings) {
    spawn_request request = child({"dump"});
    request.settings = std::move(settings);
    return request;
  }
  void dump(process_settings settings) { ASSERT_TRUE(ended(start(with(std::move(settings))))) << output(); }
  spawn_error failure_of(process_settings settings) {
    const auto pid = table_.start(with(std::move(settings)), {});
    EXPECT_FALSE(pid);
    return pid ? spawn_error{} : pid.error();
  }
  static identity somebody() {
    identity who;
    who.uid = 4711;
    who.gid = 4712;
    who.groups = {4712, 4713};
    return who;
  }
  /// The soft and hard limit of a line of /proc/PID/limits.
  std::string limit(const std::string& name) {
    for (const std::string& line : all_said("limit")) {
      if (line.starts_with(name)) return line.substr(name.size());
    }
    return {};
  }
};

#define NEEDS_ROOT() \
  if (::geteuid() != 0) GTEST_SKIP() << "only root may become somebody else"

TEST_F(os_settings, become_somebody_else_for_good) {
  NEEDS_ROOT();
  ::chmod(path("").c_str(), 0755);
  process_settings settings;
  settings.who = somebody();
  dump(settings);
  EXPECT_EQ(said("Uid"), "4711\t4711\t4711\t4711");
  EXPECT_EQ(said("Gid"), "4712\t4712\t4712\t4712");
  EXPECT_EQ(said("Groups"), "4712 4713 ");
  EXPECT_EQ(::geteuid(), 0U) << "we stay who we are";
}

TEST_F(os_settings, the_working_directory_is_entered_as_the_user) {
  NEEDS_ROOT();
  const std::string own = path("own");
  ASSERT_EQ(::mkdir(own.c_str(), 0700), 0);
  ASSERT_EQ(::chmod(path("").c_str(), 0755), 0);
  process_settings settings;
  settings.who = somebody();
  spawn_request request = with(settings);
  request.working_dir = own;
  const auto refused = table_.start(request, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(describe(refused.error()),
            "cannot change to the working directory " + own + ": Permission denied; see working_dir");
  ASSERT_EQ(::chown(own.c_str(), 4711, 4712), 0);
  ASSERT_TRUE(ended(start(request)));
  EXPECT_EQ(said("cwd"), own);
}

TEST_F(os_settings, umask_nice_oom_score_and_no_new_privs) {
  process_settings settings;
  settings.umask = 027;
  settings.nice = 7;
  settings.oom_score_adj = 321;
  settings.no_new_privs = true;
  dump(settings);
  EXPECT_EQ(said("Umask"), "0027");
  EXPECT_EQ(said("nice"), "7");
  EXPECT_EQ(said("oom"), "321");
  EXPECT_EQ(said("NoNewPrivs"), "1");
  EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), 0) << "ours stays";
}

TEST_F(os_settings, every_limit_by_its_name) {
  process_settings settings;
  settings.limits = {{resource_named("nofile"), 99, 100},
                     {resource_named("core"), 0, 0},
                     {resource_named("nproc"), 900, 1000},
                     {resource_named("stack"), 4U << 20U, 4U << 20U}};
  dump(settings);
  EXPECT_EQ(said("nofile"), "99");
  EXPECT_NE(limit("Max open files").find("99                   100"), std::string::npos)
      << limit("Max open files");
  EXPECT_NE(limit("Max core file size").find("0                    0"), std::string::npos);
  EXPECT_NE(limit("Max stack size").find("4194304              4194304"), std::string::npos);
}

TEST_F(os_settings, names_of_limits_are_those_of_prlimit) {
  for (const char* name :
       {"as", "core", "cpu", "data", "fsize", "memlock", "nofile", "nproc", "rss", "stack"})
    EXPECT_GE(resource_named(name), 0) << name;
  EXPECT_EQ(resource_named("nosuch"), -1);
}

TEST_F(os_settings, a_step_that_fails_is_named_and_leaves_no_child) {
  process_settings wrong_score;
  wrong_score.oom_score_adj = 5000;
  EXPECT_EQ(failure_of(wrong_score).step, spawn_step::oom_score_adj);
  process_settings wrong_limit;
  wrong_limit.limits = {{RLIMIT_NOFILE, 10, 5}};
  EXPECT_EQ(failure_of(wrong_limit).step, spawn_step::limits);
  EXPECT_EQ(table_.size(), 0U);
  EXPECT_FALSE(has_zombie());
}

TEST_F(os_settings, only_root_becomes_somebody_else) {
  // In a process of its own: there is no way back to root.
  const pid_t tester = ::fork();
  if (tester == 0) {
    if (::geteuid() == 0 && (::setgid(4712) != 0 || ::setuid(4711) != 0)) ::_exit(3);
    process_settings settings;
    settings.who = somebody();
    settings.who->uid = 1;
    spawn_request request;
    request.argv = {"/bin/true"};
    request.settings = settings;
    const auto made = spawn(request);
    const bool told = !made && made.error().step == spawn_step::user && made.error().error == EPERM;
    settings.who = somebody();
    settings.who->uid = ::geteuid();
    settings.who->gid = ::getegid();
    request.settings = settings;
    ::_exit(told && spawn(request) ? 0 : 4);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(tester, &status, 0), tester);
  EXPECT_EQ(status, 0) << "refused to become somebody else, and needs no right to stay who it is";
}

}  // namespace
}  // namespace workspaced::os::testing
