// "Did you mean …?"
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace workspaced::core {

/// The candidate that `word` was probably meant to be: at most a third of its letters differ (at least one
/// may; two neighbours swapped count once), or it is the beginning of exactly one candidate. The first of
/// equals.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 std::span<const std::string> candidates);

}  // namespace workspaced::core
