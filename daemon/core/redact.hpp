// Which values are secret, by their names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace workspaced::core {

/// What stands in the place of a secret.
inline constexpr std::string_view redacted = "[redacted]";

/// True for names that speak of a token, a secret, a password or a key, and for those that match one of
/// `more`: patterns in which * is any text. Upper and lower case are the same.
[[nodiscard]] bool is_secret_name(std::string_view name, const std::vector<std::string>& more);

}  // namespace workspaced::core
