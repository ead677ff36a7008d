// Each check of doctor: a workspace in which all is well but for one thing.
#include "ctl/doctor/checks.hpp"
#include "unit/ctl/doctor_ailments.hpp"
#include "unit/ctl/doctor_facts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace workspaced::ctl::doctor {
namespace {

using test::ailment;
using test::all_ailments;
using test::healthy_workspace;
using test::no_daemon_runs;

finding found_by(const std::string& name, const facts& seen) {
  for (const auto& each : judge(seen)) {
    if (each.which->name == name) return each.found;
  }
  ADD_FAILURE() << "there is no check " << name;
  return {};
}

class ctl_doctor_finds : public testing::TestWithParam<ailment> {};

TEST_P(ctl_doctor_finds, it_and_says_what_to_do) {
  auto seen = healthy_workspace();
  GetParam().happens(seen);
  const auto found = found_by(GetParam().check, seen);
  EXPECT_EQ(found.what, GetParam().found);
  EXPECT_NE(found.seen.find(GetParam().seen), std::string::npos) << found.seen;
  EXPECT_NE(found.fix.find(GetParam().fix), std::string::npos) << found.fix;
}

std::string test_name(const testing::TestParamInfo<ailment>& of) {
  auto name = of.param.check + "_" + of.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(each, ctl_doctor_finds, testing::ValuesIn(all_ailments()), test_name);

TEST(ctl_doctor, finds_nothing_in_a_healthy_workspace) {
  const auto all = judge(healthy_workspace());
  for (const auto& each : all) {
    EXPECT_EQ(each.found.what, level::ok) << each.which->name << ": " << each.found.seen;
    EXPECT_EQ(each.found.fix, "") << each.which->name;
  }
  EXPECT_EQ(conclusion(all), exit_code::done);
}

TEST(ctl_doctor, has_a_tested_way_to_fail_for_each_check) {
  std::set<std::string_view> names;
  for (const auto& each : all_checks()) EXPECT_TRUE(names.insert(each.name).second) << each.name;
  for (const auto& each : all_ailments()) names.erase(each.check);
  EXPECT_EQ(names, (std::set<std::string_view>{"cgroup"})) << "it only tells";
}

TEST(ctl_doctor, never_shows_a_secret) {
  auto ailments = all_ailments();
  ailments.push_back({"nothing", "", [](facts&) {}, level::ok, {}, {}});
  for (const auto& each : ailments) {
    auto seen = healthy_workspace();
    each.happens(seen);
    for (const auto& [which, found] : judge(seen)) {
      EXPECT_EQ((found.seen + found.fix).find("sentinel"), std::string::npos)
          << which->name << " on " << each.name;
    }
  }
}

TEST(ctl_doctor, skips_what_does_not_apply_elsewhere_and_says_so) {
  auto seen = healthy_workspace();
  seen.environment = {{"HOME", "/root"}};
  for (const auto* name : {"claude-token", "claude-home", "coder-agent", "coder-server", "page",
                           "fleet-token", "github-login", "secrets", "volume", "sudo", "tools"}) {
    const auto found = found_by(name, seen);
    EXPECT_EQ(found.what, level::skipped) << name;
    EXPECT_EQ(found.seen, "not in a Coder workspace") << name;
  }
  seen.uid = 0;
  EXPECT_EQ(found_by("user", seen).what, level::ok) << "root is usual elsewhere";
}

TEST(ctl_doctor, skips_without_a_daemon_what_only_it_can_tell) {
  auto seen = healthy_workspace();
  no_daemon_runs(seen);
  std::set<std::string> failing;
  for (const auto& [which, found] : judge(seen)) {
    if (found.what == level::failed) failing.emplace(which->name);
  }
  EXPECT_EQ(failing, (std::set<std::string>{"daemon"}));
  for (const auto* name : {"version", "services", "service-warnings", "health", "metrics", "probe-ports",
                           "socket", "registrations", "doors"})
    EXPECT_EQ(found_by(name, seen).what, level::skipped) << name;
}

TEST(ctl_doctor, skips_what_cannot_be_seen) {
  auto seen = healthy_workspace();
  seen.memory.reset();
  seen.cpu.reset();
  seen.oom_kills.reset();
  seen.checkout.space.reset();
  seen.coder_answer = {};
  seen.git_branch = {};
  seen.configuration.config.reset();
  for (const auto* name : {"memory", "cpu", "oom-kills", "space", "coder-server", "checkout", "git-remote",
                           "git-identity", "probe-ports"})
    EXPECT_EQ(found_by(name, seen).what, level::skipped) << name;
  EXPECT_EQ(found_by("clock", seen).what, level::ok) << "there is nobody to compare with";
}

TEST(ctl_doctor, its_exit_code_is_that_of_the_first_failure) {
  auto seen = healthy_workspace();
  seen.log_dir.writable = false;
  EXPECT_EQ(conclusion(judge(seen)), exit_code::failed);
  no_daemon_runs(seen);
  EXPECT_EQ(conclusion(judge(seen)), exit_code::no_daemon);
  seen.configuration.errors = "w.toml:1:1: x";
  EXPECT_EQ(conclusion(judge(seen)), exit_code::configuration);
  auto warned = healthy_workspace();
  warned.oom_kills = 1;
  EXPECT_EQ(conclusion(judge(warned)), exit_code::done) << "a warning is no failure";
}

}  // namespace
}  // namespace workspaced::ctl::doctor
