// From files to a configuration: where they are looked for, how they are laid over each other, and all their
// errors.
#pragma once

#include "config/diagnostic.hpp"
#include "config/text.hpp"
#include "core/model.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace workspaced::config {

struct load_options {
  std::string explicit_file;  ///< --config; empty: the search order
  variable_lookup environment;
  std::string directory;                               ///< the current one, absolute
  std::function<bool(const std::string&)> knows_zone;  ///< time zones of the machine; empty: all are known
};

struct loaded {
  std::optional<core::configuration> config;  ///< only when there are no errors
  std::vector<diagnostic> errors;             ///< of all files, in the order of files and lines
  std::vector<std::string> files;             ///< that were read: the main one, then conf.d
};

/// The first that exists of: the explicit file, $WORKSPACED_CONFIG, ./workspaced.toml,
/// ./.workspaced/workspaced.toml,
/// ~/.config/workspaced/workspaced.toml, /etc/workspaced/workspaced.toml. The first two are taken even if
/// they do not exist.
[[nodiscard]] std::optional<std::string> find_file(const load_options& options);

/// Reads the main file and then conf.d/*.toml beside it, sorted by name: tables are merged, a key in a later
/// file replaces the same key in an earlier one. Nothing is returned from a file with an error.
[[nodiscard]] loaded load(const load_options& options);

/// Of this process: its environment and its current directory.
[[nodiscard]] load_options options_of_process(std::string explicit_file);

}  // namespace workspaced::config
