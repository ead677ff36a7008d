// A running configuration with one service more or less, without its files being read again.
#pragma once

#include "config/load.hpp"

#include <string>
#include <string_view>

namespace workspaced::config {

struct edited {
  std::optional<core::configuration> config;  ///< only when there are no errors
  std::vector<diagnostic> errors;
};

/// `base` with the service that `text` describes: TOML with the keys of [services.NAME]. It takes the place
/// of one of that name. Relative paths are relative to the directory of `base.file`.
[[nodiscard]] edited with_service(core::configuration base, const std::string& name, std::string_view text,
                                  const load_options& options);

/// `base` without that service; an error when another one needs it.
[[nodiscard]] edited without_service(core::configuration base, const std::string& name,
                                     const load_options& options);

}  // namespace workspaced::config
