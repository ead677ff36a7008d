#include "core/nearest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace workspaced::core {
namespace {

TEST(core_nearest, finds_what_was_probably_meant) {
  const std::vector<std::string> known = {"command", "environment", "env_file", "web", "db", "worker-1"};
  const std::vector<std::pair<const char*, std::optional<std::string>>> table = {
      {"comand", "command"},
      {"commadn", "command"},
      {"enviroment", "environment"},
      {"wbe", "web"},
      {"dv", "db"},
      {"env_flie", "env_file"},
      {"wor", "worker-1"},
      {"com", "command"},
      {"env", std::nullopt},
      {"", std::nullopt},
      {"xyz", std::nullopt},
      {"w", std::nullopt},
      {"totally", std::nullopt},
      {"web", "web"},
  };
  for (const auto& [word, expected] : table) EXPECT_EQ(nearest(word, known), expected) << word;
  EXPECT_EQ(nearest("web", {}), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'w'), known), std::nullopt);
}

}  // namespace
}  // namespace workspaced::core
