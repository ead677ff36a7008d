// Files of NAME=value lines, and files of one value.
#pragma once

#include "config/field.hpp"

#include <optional>
#include <string>

namespace workspaced::config {

/// Adds the file's variables to `into`, later ones over earlier ones. What is wrong in the file is complained
/// of at its own line, a file that cannot be read at the key that names it. Values are literal: nothing is
/// expanded.
void load_env_file(const std::string& path, const field& named_by, core::environment_map& into);

/// The content of a file that holds one value, such as a mounted secret; the end of its last line does not
/// belong to it.
[[nodiscard]] std::optional<std::string> load_value_file(const std::string& path, const field& named_by);

}  // namespace workspaced::config
