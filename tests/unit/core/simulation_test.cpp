#include "unit/core/simulation.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace {

constexpr unsigned steps = 120;
// A minute's worth; a sanitizer makes each of them five times as dear.
#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t usual_schedules = 5'000;
#else
constexpr std::uint64_t usual_schedules = 100'000;
#endif

std::uint64_t number(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(simulation, random_fleets_keep_the_invariants) {
  const std::uint64_t first = number("WORKSPACED_SEED", 1);
  const std::uint64_t schedules =
      number("WORKSPACED_SCHEDULES", std::getenv("WORKSPACED_SEED") ? 1 : usual_schedules);
  simulation::report sum;
  for (std::uint64_t seed = first; seed < first + schedules; ++seed) {
    const auto report = simulation::simulate(seed, steps);
    ASSERT_FALSE(report.violation) << *report.violation << "\nreplay: WORKSPACED_SEED=" << seed
                                   << " unit_core --gtest_filter='simulation.*'";
    sum.events += report.events;
    sum.spawns += report.spawns;
    sum.became_ready += report.became_ready;
    sum.kills += report.kills;
    sum.hooks += report.hooks;
    sum.deaths += report.deaths;
    sum.storms += report.storms;
  }
  // A world in which nothing happens would keep every invariant.
  EXPECT_GT(sum.spawns, 3 * schedules);
  EXPECT_GT(sum.became_ready, schedules);
  EXPECT_GT(sum.kills, schedules / 10);
  EXPECT_GT(sum.hooks, schedules);
  EXPECT_GT(sum.deaths, schedules / 10);
  EXPECT_GT(sum.storms, schedules / 20);
}

TEST(simulation, the_same_seed_gives_the_same_schedule) {
  const auto once = simulation::simulate(42, steps);
  const auto again = simulation::simulate(42, steps);
  EXPECT_EQ(once.events, again.events);
  EXPECT_EQ(once.spawns, again.spawns);
}

}  // namespace
