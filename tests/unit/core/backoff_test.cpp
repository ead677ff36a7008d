#include "core/backoff.hpp"

#include <gtest/gtest.h>

namespace workspaced::core {
namespace {

using namespace std::chrono_literals;

backoff_spec steady() {
  backoff_spec spec;
  spec.initial = 500ms;
  spec.factor = 2;
  spec.max = 30s;
  spec.jitter = 0;
  return spec;
}

TEST(backoff, grows_by_the_factor_up_to_the_cap) {
  const auto spec = steady();
  const duration expected[] = {500ms, 1s, 2s, 4s, 8s, 16s, 30s, 30s};
  for (unsigned failures = 1; failures <= 8; ++failures) {
    EXPECT_EQ(pause_after(spec, failures, 0.5), expected[failures - 1]) << failures;
  }
}

TEST(backoff, survives_any_number_of_failures) {
  EXPECT_EQ(pause_after(steady(), 4'000'000'000U, 0.5), duration(30s));
}

TEST(backoff, jitter_moves_both_ways_but_never_above_the_cap) {
  auto spec = steady();
  spec.jitter = 0.2;
  EXPECT_EQ(pause_after(spec, 1, 0.0), duration(400ms));
  EXPECT_EQ(pause_after(spec, 1, 0.5), duration(500ms));
  EXPECT_GT(pause_after(spec, 1, 0.999), duration(599ms));
  EXPECT_EQ(pause_after(spec, 20, 0.999), duration(30s));
  spec.jitter = 1;
  EXPECT_EQ(pause_after(spec, 1, 0.0), duration(0));
}

TEST(backoff, zero_means_at_once) {
  auto spec = steady();
  spec.initial = 0ms;
  EXPECT_EQ(pause_after(spec, 5, 0.9), duration(0));
}

TEST(backoff, gives_up_after_the_attempts_and_never_without_a_limit) {
  auto spec = steady();
  spec.attempts = 3;
  EXPECT_FALSE(gives_up(spec, 2));
  EXPECT_TRUE(gives_up(spec, 3));
  spec.attempts = 0;
  EXPECT_FALSE(gives_up(spec, 1'000'000));
}

}  // namespace
}  // namespace workspaced::core
