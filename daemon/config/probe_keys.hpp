// The keys of [services.NAME.ready] and [services.NAME.live].
#pragma once

#include "config/read_table.hpp"
#include "core/model.hpp"

#include <optional>
#include <span>
#include <string>

namespace workspaced::config {

[[nodiscard]] std::span<const key<core::ready_spec>> ready_keys();
[[nodiscard]] std::span<const key<core::live_spec>> live_keys();

[[nodiscard]] std::optional<core::ready_spec> read_ready(const field& from);
[[nodiscard]] std::optional<core::live_spec> read_live(const field& from);

/// "http://127.0.0.1:8000/path"; complains otherwise.
[[nodiscard]] std::optional<core::http_target> read_url(const field& from);

/// "127.0.0.1:8000", "[::1]:8000", "localhost:8000"; complains through `from` otherwise.
[[nodiscard]] std::optional<core::tcp_target> read_address(const field& from, const std::string& text,
                                                           bool zero_port_is_fine);

}  // namespace workspaced::config
