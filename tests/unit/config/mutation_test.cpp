// Whatever a file contains, the answer is a configuration or errors with positions, and never a crash.
#include "core/random.hpp"
#include "unit/config/house.hpp"

#include <sstream>

namespace workspaced::config {
namespace {

std::string mutate(std::string text, core::splitmix& luck) {
  const std::string bytes = "[]{}=\"'.,#$\n\\ a0\xff";
  for (auto changes = 1 + luck.below(4); changes > 0 && !text.empty(); --changes) {
    const auto at = luck.below(text.size());
    switch (luck.below(4)) {
      case 0: text[at] = bytes[luck.below(bytes.size())]; break;
      case 1: text.erase(at, 1 + luck.below(20)); break;
      case 2: text.insert(at, 1 + luck.below(3), bytes[luck.below(bytes.size())]); break;
      default: text.resize(at); break;
    }
  }
  return text;
}

TEST(mutation, of_the_reference_is_either_right_or_wrong) {
  std::ifstream in(std::string(WORKSPACED_CONFIG_DIR) + "/reference.toml");
  std::stringstream reference;
  reference << in.rdbuf();
  core::splitmix luck(20'261'123);
  house h;
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = mutate(reference.str(), luck);
    h.file("workspaced.toml", text);
    const auto out = load(h.options());
    ASSERT_EQ(out.config.has_value(), out.errors.empty()) << text;
    for (const auto& each : out.errors) ASSERT_FALSE(each.message.empty()) << text;
    refused += out.errors.empty() ? 0 : 1;
  }
  EXPECT_GT(refused, 500);
  EXPECT_LT(refused, 2000);
}

}  // namespace
}  // namespace workspaced::config
