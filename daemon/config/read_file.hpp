// A whole configuration file, if it is one.
#pragma once

#include "config/text.hpp"

#include <string>

namespace workspaced::config {

/// No configuration is larger: what is, is some other file, and is not even read.
inline constexpr std::size_t largest_file = 1024 * 1024;

/// The file's content; a sentence when it is missing, not readable, no regular file, or too large.
[[nodiscard]] parsed<std::string> read_file(const std::string& path);

}  // namespace workspaced::config
