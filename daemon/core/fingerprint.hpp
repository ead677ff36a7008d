// Whether a process is the one that a specification asks for.
#pragma once

#include "core/model.hpp"

#include <cstdint>

namespace workspaced::core {

/// A process started from `before` is not what `after` asks for: command, directory, environment, identity or
/// limits differ.
[[nodiscard]] bool needs_new_process(const service_spec& before, const service_spec& after);

/// Equal for two specifications that need no new process of each other, and else different but for an
/// accident in 2^64. The same in every build of the program: an upgraded daemon compares it with what it
/// finds written.
[[nodiscard]] std::uint64_t process_fingerprint(const service_spec& spec);

}  // namespace workspaced::core
