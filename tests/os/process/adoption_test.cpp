// Processes that an earlier daemon started: children of somebody else, told apart from whoever has their
// number later.
#include "os/process/lab.hpp"
#include "os/process_tree.hpp"

#include <sys/utsname.h>

#include <cstdio>

namespace workspaced::os::testing {
namespace {

class os_adoption : public lab {
 protected:
  /// A session leader that is a grandchild of ours and stays one: its parent reaps it, we never do.
  core::process_row foreign(const std::string& script) {
    spawn_request request = child({});
    request.argv = {"/bin/sh", "-c",
                    "setsid sh -c 'echo inner $$; " + script + "' & wait $!; echo reaped; exec sleep 1000"};
    start(request);
    const auto row = row_of(waited_for("inner"));
    EXPECT_TRUE(row);
    adopt(row ? row->pid : 0);
    return row.value_or(core::process_row{});
  }

  static bool kernel_tells_ends() {
    utsname system{};
    int major = 0;
    int minor = 0;
    ::uname(&system);
    std::sscanf(system.release, "%d.%d", &major, &minor);
    return major > 6 || (major == 6 && minor >= 15);
  }
};

TEST_F(os_adoption, sees_the_end_of_a_process_that_is_not_ours) {
  const pid_t pid = take({foreign("sleep 0.2; exit 7"), {}, {}});
  ASSERT_TRUE(ended(pid));
  EXPECT_FALSE(of(pid).group_left);
  const bool unseen = of(pid).status == core::exit_status(core::unseen{});
  EXPECT_TRUE(of(pid).status == core::exit_status(core::exited{7}) || (unseen && !kernel_tells_ends()));
}

TEST_F(os_adoption, signals_it) {
  const pid_t pid = take({foreign("exec sleep 1000"), {}, {}});
  EXPECT_TRUE(table_.signal_group(pid, SIGTERM));
  ASSERT_TRUE(ended(pid));
  const bool unseen = of(pid).status == core::exit_status(core::unseen{});
  EXPECT_TRUE(of(pid).status == core::exit_status(core::signaled{SIGTERM}) ||
              (unseen && !kernel_tells_ends()));
}

TEST_F(os_adoption, whoever_has_its_number_now_is_left_alone) {
  core::process_row other = foreign("exec sleep 1000");
  other.started -= 1;  // the one that was written down started earlier
  const pid_t pid = take({other, {}, {}});
  ASSERT_TRUE(ended(pid));
  EXPECT_EQ(of(pid).status, core::exit_status(core::unseen{}));
  EXPECT_FALSE(table_.signal_group(pid, SIGKILL));
  EXPECT_TRUE(is_living(other.pid));
}

TEST_F(os_adoption, waits_for_those_that_a_leader_left_behind) {
  const core::process_row member = foreign("exec sleep 1000");
  const pid_t number = take({std::nullopt, {member}, {}});
  EXPECT_LT(number, 0) << "its number may be another's";
  EXPECT_TRUE(table_.signal_group(number, SIGTERM));
  ASSERT_TRUE(run_until([&] { return of(number).group_ends == 1; }));
  EXPECT_EQ(of(number).ends, 0);
  EXPECT_FALSE(is_living(member.pid));
}

TEST_F(os_adoption, finds_by_its_mark_who_has_left) {
  spawn_request request = child({});
  request.environment = {"MARK=adoption/" + path("x")};
  request.argv = {"/bin/sh", "-c", "setsid sh -c 'echo inner $$; setsid sleep 1000 & sleep 1000' & wait"};
  start(request);
  const auto leader = row_of(waited_for("inner"));
  ASSERT_TRUE(leader);
  ASSERT_TRUE(run_until([&] { return find_marked("MARK=adoption/" + path("")).size() == 4; }));
  for (const marked_process& each : find_marked("MARK=adoption/")) EXPECT_EQ(each.mark, path("x"));
  const pid_t pid = take({leader, {}, request.environment[0]});
  EXPECT_TRUE(table_.signal_group(pid, SIGKILL));
  ASSERT_TRUE(run_until([&] { return find_marked("MARK=adoption/" + path("")).empty(); }));
}

}  // namespace
}  // namespace workspaced::os::testing
