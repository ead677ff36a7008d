#include "core/nearest.hpp"

#include <algorithm>
#include <vector>

namespace workspaced::core {
namespace {

/// Longer words come from no configuration; comparing them costs the product of the lengths.
constexpr std::size_t longest_word = 100;

/// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. Three rows are
/// enough.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> two_ago(right.size() + 1);
  std::vector<std::size_t> above(right.size() + 1);
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::swap(two_ago, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) row[j] = std::min(row[j], two_ago[j - 2] + 1);
    }
  }
  return row[right.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
  if (word.empty() || word.size() > longest_word) return std::nullopt;
  const std::string* best = nullptr;
  std::size_t too_far = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& each : candidates) {
    if (each.size() > longest_word) continue;
    const std::size_t apart = distance(word, each);
    if (apart >= too_far) continue;
    too_far = apart;
    best = &each;
  }
  if (best != nullptr) return *best;
  for (const std::string& each : candidates) {
    if (!each.starts_with(word)) continue;
    if (best != nullptr) return std::nullopt;
    best = &each;
  }
  return best == nullptr ? std::nullopt : std::optional(*best);
}

}  // namespace workspaced::core
