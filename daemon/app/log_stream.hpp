// A service's log as the body of a response.
#pragma once

#include "http/message.hpp"
#include "logs/service_log.hpp"

#include <cstddef>
#include <memory>

namespace workspaced::app {

/// The last `lines` lines and, with `follow`, what comes after. A service that has not run yet has no log:
/// its stream ends at once.
[[nodiscard]] std::unique_ptr<http::stream> open_log_stream(std::shared_ptr<logs::service_log> log,
                                                            std::size_t lines, bool follow);

}  // namespace workspaced::app
