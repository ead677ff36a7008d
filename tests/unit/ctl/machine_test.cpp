#include "ctl/machine.hpp"

#include <gtest/gtest.h>

#include <map>

namespace workspaced::ctl {
namespace {

using tree = std::map<std::string, std::string>;

constexpr double mib = 1024.0 * 1024;

file_reader over(const tree& files) {
  return [files](const std::string& path) {
    const auto place = files.find(path);
    return place == files.end() ? std::nullopt : std::optional(place->second);
  };
}

tree node() {
  return {
      {"/proc/meminfo",
       "MemTotal:       8388608 kB\nMemFree:  1 kB\nMemAvailable:   6291456 kB\nSwapTotal:       2097152 kB\n"
       "SwapFree:        1048576 kB\n"},
      {"/proc/stat",
       "cpu  1000 100 200 90000 500 0 50 25 0 0\ncpu0 1 1 1 1\ncpu1 1 1 1 1\ncpu2 1 1 1 1\ncpu3 1 1 1 "
       "1\nintr 5\n"},
      {"/proc/loadavg", "0.52 0.48 0.40 1/234 5678\n"}};
}

tree version_2(const tree& more) {
  tree all = node();
  all["/proc/self/cgroup"] = "0::/\n";
  all["/sys/fs/cgroup/memory.current"] = "314572800\n";
  all["/sys/fs/cgroup/memory.stat"] = "anon 1\ninactive_file 104857600\nactive_file 5\n";
  all["/sys/fs/cgroup/memory.max"] = "536870912\n";
  all["/sys/fs/cgroup/cpu.stat"] = "usage_usec 2500000\nuser_usec 1\n";
  all["/sys/fs/cgroup/cpu.max"] = "150000 100000\n";
  for (const auto& [path, text] : more) all[path] = text;
  return all;
}

TEST(machine, a_container_of_version_2_without_the_cache_that_can_go) {
  const auto files = over(version_2({}));
  EXPECT_EQ(memory_of(files, false), (share{200 * mib, 512 * mib}));
  EXPECT_EQ(cpu_of(files, false), (share{2.5, 1.5}));
}

TEST(machine, without_a_limit_the_nodes_size_counts) {
  const auto files =
      over(version_2({{"/sys/fs/cgroup/memory.max", "max\n"}, {"/sys/fs/cgroup/cpu.max", "max 100000\n"}}));
  EXPECT_EQ(memory_of(files, false), (share{200 * mib, 8192 * mib}));
  EXPECT_EQ(cpu_of(files, false), (share{2.5, 4}));
}

TEST(machine, the_tightest_limit_on_the_way_to_the_root_counts) {
  const auto files = over(version_2({{"/proc/self/cgroup", "0::/pod/box\n"},
                                     {"/sys/fs/cgroup/pod/box/memory.current", "52428800\n"},
                                     {"/sys/fs/cgroup/pod/box/memory.max", "max\n"},
                                     {"/sys/fs/cgroup/pod/box/cpu.stat", "usage_usec 1000000\n"},
                                     {"/sys/fs/cgroup/pod/box/cpu.max", "max 100000\n"},
                                     {"/sys/fs/cgroup/pod/memory.current", "1\n"},
                                     {"/sys/fs/cgroup/pod/memory.max", "104857600\n"},
                                     {"/sys/fs/cgroup/pod/cpu.max", "50000 100000\n"}}));
  EXPECT_EQ(memory_of(files, false), (share{50 * mib, 100 * mib}));
  EXPECT_EQ(cpu_of(files, false), (share{1, 0.5}));
}

TEST(machine, a_path_that_leads_nowhere_is_a_container_whose_root_is_mounted) {
  const auto files = over(version_2({{"/proc/self/cgroup", "0::/kubepods/pod1/box\n"}}));
  EXPECT_EQ(memory_of(files, false), (share{200 * mib, 512 * mib}));
}

TEST(machine, a_container_of_version_1) {
  tree all = node();
  all["/proc/self/cgroup"] = "9:memory:/docker/x\n5:cpu,cpuacct:/docker/x\n0::/\n";
  all["/sys/fs/cgroup/memory/memory.usage_in_bytes"] = "314572800\n";
  all["/sys/fs/cgroup/memory/memory.limit_in_bytes"] = "9223372036854771712\n";
  all["/sys/fs/cgroup/memory/memory.stat"] = "inactive_file 1\ntotal_inactive_file 104857600\n";
  all["/sys/fs/cgroup/cpuacct/cpuacct.usage"] = "2500000000\n";
  all["/sys/fs/cgroup/cpu/cpu.cfs_quota_us"] = "200000\n";
  all["/sys/fs/cgroup/cpu/cpu.cfs_period_us"] = "100000\n";
  EXPECT_EQ(memory_of(over(all), false), (share{200 * mib, 8192 * mib}));
  EXPECT_EQ(cpu_of(over(all), false), (share{2.5, 2}));
  all["/sys/fs/cgroup/memory/memory.limit_in_bytes"] = "536870912\n";
  all["/sys/fs/cgroup/cpu/cpu.cfs_quota_us"] = "-1\n";
  EXPECT_EQ(memory_of(over(all), false), (share{200 * mib, 512 * mib}));
  EXPECT_EQ(cpu_of(over(all), false), (share{2.5, 4}));
}

TEST(machine, counts_who_was_killed_for_memory_and_how_often_time_ran_out) {
  auto all = version_2({{"/sys/fs/cgroup/memory.events", "low 0\noom 9\noom_kill 3\noom_group_kill 1\n"},
                        {"/sys/fs/cgroup/cpu.stat", "usage_usec 5\nnr_periods 200\nnr_throttled 50\n"}});
  EXPECT_EQ(oom_kills_of(over(all)), 3U);
  EXPECT_EQ(throttled_of(over(all)), 0.25);
  all = node();
  all["/proc/self/cgroup"] = "9:memory:/docker/x\n5:cpu,cpuacct:/docker/x\n";
  all["/sys/fs/cgroup/memory/memory.oom_control"] = "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n";
  all["/sys/fs/cgroup/cpu/cpu.stat"] = "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n";
  EXPECT_EQ(oom_kills_of(over(all)), 2U);
  EXPECT_FALSE(throttled_of(over(all))) << "there is no limit";
  EXPECT_FALSE(oom_kills_of(over(node())));
}

TEST(machine, without_cgroups_and_on_request_the_node) {
  const share memory{2048 * mib, 8192 * mib};
  const share cpu{13.75, 4};
  EXPECT_EQ(memory_of(over(node()), false), memory);
  EXPECT_EQ(cpu_of(over(node()), false), cpu);
  EXPECT_EQ(memory_of(over(version_2({})), true), memory);
  EXPECT_EQ(cpu_of(over(version_2({})), true), cpu);
  EXPECT_EQ(swap_of(over(node())), (share{1024 * mib, 2048 * mib}));
  EXPECT_EQ(load_of(over(node())), "0.52 0.48 0.40");
}

TEST(machine, what_cannot_be_read_is_nothing) {
  const auto nothing = over({});
  EXPECT_FALSE(memory_of(nothing, false));
  EXPECT_FALSE(cpu_of(nothing, false));
  EXPECT_FALSE(swap_of(nothing));
  EXPECT_FALSE(load_of(nothing));
  EXPECT_FALSE(
      memory_of(over({{"/proc/meminfo", "garbage"}, {"/sys/fs/cgroup/memory.current", "x"}}), false));
}

}  // namespace
}  // namespace workspaced::ctl
