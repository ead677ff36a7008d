// The keys that say when a service starts, stops and tries again.
#pragma once

#include "config/read_table.hpp"
#include "core/model.hpp"

#include <optional>
#include <span>

namespace workspaced::config {

[[nodiscard]] std::span<const key<core::backoff_spec>> backoff_keys();
[[nodiscard]] std::span<const key<core::stop_spec>> stop_keys();
[[nodiscard]] std::span<const key<core::hooks_spec>> hooks_keys();
[[nodiscard]] std::span<const key<core::dependency_spec>> dependency_keys();
[[nodiscard]] std::span<const key<core::schedule_spec>> schedule_keys();

/// A list of names (ready), a table of conditions, or of tables.
void read_dependencies(core::service_spec& into, const field& from);
/// The cron expression alone, or a table.
[[nodiscard]] std::optional<core::schedule_spec> read_schedule(const field& from);
/// "none", "exit"
[[nodiscard]] std::optional<core::end_action> read_end(const field& from);

}  // namespace workspaced::config
