#include "core/fingerprint.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <vector>

namespace workspaced::core {
namespace {

service_spec sample() {
  service_spec spec;
  spec.name = "web";
  spec.command = {"server", "--port", "1"};
  spec.working_dir = "/srv";
  spec.environment = {{"A", "1"}};
  return spec;
}

using change = std::function<void(service_spec&)>;

const std::vector<change> of_the_process = {
    [](service_spec& s) { s.command.push_back("x"); },
    [](service_spec& s) {
      s.command = {"server", "--port1"};
    },
    [](service_spec& s) { s.working_dir = "/"; },
    [](service_spec& s) { s.environment["A"] = "2"; },
    [](service_spec& s) {
      s.environment = {{"A1", ""}};
    },
    [](service_spec& s) { s.environment.clear(); },
    [](service_spec& s) { s.kind = service_kind::task; },
    [](service_spec& s) { s.stdio = true; },
    [](service_spec& s) { s.process.identity.user = "coder"; },
    [](service_spec& s) { s.process.identity.group = "coder"; },
    [](service_spec& s) { s.process.identity.groups.emplace(); },
    [](service_spec& s) { s.process.identity.groups = {{"a"}}; },
    [](service_spec& s) {
      s.process.limits.rlimits["nofile"] = {1, 2};
    },
    [](service_spec& s) {
      s.process.limits.rlimits["nofile"] = {1, std::nullopt};
    },
    [](service_spec& s) { s.process.umask = 0; },
    [](service_spec& s) { s.process.nice = 0; },
    [](service_spec& s) { s.process.oom_score_adj = 0; },
    [](service_spec& s) { s.process.no_new_privs = true; },
    [](service_spec& s) { s.process.inherit_environment = false; },
};

const std::vector<change> of_policy = {
    [](service_spec& s) { s.autostart = false; },        [](service_spec& s) { s.required = false; },
    [](service_spec& s) { s.depends_on["db"] = {}; },    [](service_spec& s) { s.backoff.attempts = 1; },
    [](service_spec& s) { s.stop.signal = 2; },          [](service_spec& s) { s.log.keep = 1; },
    [](service_spec& s) { s.ready = ready_spec{}; },     [](service_spec& s) { s.live = live_spec{}; },
    [](service_spec& s) { s.hooks.after_stop = {"x"}; },
};

TEST(fingerprint, says_what_the_comparison_says) {
  std::set<std::uint64_t> seen = {process_fingerprint(sample())};
  for (const change& each : of_the_process) {
    service_spec other = sample();
    each(other);
    EXPECT_TRUE(needs_new_process(sample(), other));
    EXPECT_TRUE(seen.insert(process_fingerprint(other)).second) << "the same as that of another";
  }
  for (const change& each : of_policy) {
    service_spec other = sample();
    each(other);
    EXPECT_FALSE(needs_new_process(sample(), other));
    EXPECT_EQ(process_fingerprint(other), process_fingerprint(sample()));
  }
}

TEST(fingerprint, is_the_same_in_every_build) {
  EXPECT_EQ(process_fingerprint(service_spec{}), 6182384615892870052U);
}

}  // namespace
}  // namespace workspaced::core
