// Directories on the way to a file.
#pragma once

#include "logs/failure.hpp"

#include <sys/types.h>

#include <string>

namespace workspaced::logs {

/// Makes `directory` and what is missing above it, with `mode` and never more (whatever the umask). Existing
/// directories are left as they are.
[[nodiscard]] result<void> make_directories(const std::string& directory, mode_t mode);

/// "/a/b" for "/a/b/c.log", "." for "c.log".
[[nodiscard]] std::string directory_of(const std::string& file);

}  // namespace workspaced::logs
