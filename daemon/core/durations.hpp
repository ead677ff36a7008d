// Durations as people read them.
#pragma once

#include "core/model.hpp"

#include <string>

namespace workspaced::core {

/// "350 ms", "1.2 s", "42 s", "3 min 5 s", "2 h 10 min", "4 d 3 h": two parts at most, rounded down.
[[nodiscard]] std::string in_words(duration value);

}  // namespace workspaced::core
