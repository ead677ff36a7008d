// The keys of [services.NAME] and of its tables.
#pragma once

#include "config/read_table.hpp"
#include "core/model.hpp"

#include <span>

namespace workspaced::config {

[[nodiscard]] std::span<const key<core::service_spec>> service_keys();
[[nodiscard]] std::span<const key<core::log_spec>> log_keys();

/// One service. Complains when it has no command.
[[nodiscard]] core::service_spec read_service(const std::string& name, const field& from);

}  // namespace workspaced::config
