// Answers that say what is wrong (RFC 9457).
#pragma once

#include "api/control.hpp"
#include "http/message.hpp"

#include <string_view>

namespace workspaced::api {

/// `detail` is a sentence about this one.
[[nodiscard]] http::response problem(int status, std::string_view detail);
[[nodiscard]] http::response problem(const refusal& why);
/// 422, with every error.
[[nodiscard]] http::response problem(const reload_errors& errors);

}  // namespace workspaced::api
