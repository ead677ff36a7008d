// The keys that say who a service's processes are and what they may use.
#pragma once

#include "config/read_table.hpp"
#include "core/process_spec.hpp"

#include <optional>
#include <string>
#include <vector>

namespace workspaced::config {

/// For the list of all keys: names of [services.NAME.limits].
[[nodiscard]] const std::vector<std::string>& limit_names();

/// "nofile" and its kin: a number, "unlimited", or { soft = …, hard = … }.
void read_limits(core::limits_spec& into, const field& from);

/// Octal, as a string: a TOML integer 022 would be read as twenty-two.
[[nodiscard]] std::optional<unsigned> read_umask(const field& from);

}  // namespace workspaced::config
