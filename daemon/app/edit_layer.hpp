// Services that come and go over the API, laid over the configuration until it is read again.
#pragma once

#include "api/control.hpp"
#include "config/load.hpp"
#include "core/model.hpp"
#include "state/edits.hpp"

#include <string>
#include <variant>

namespace workspaced::app {

class edit_layer {
 public:
  /// Remembers in `file`.
  explicit edit_layer(std::string file);

  /// The configuration of the files with what an earlier daemon was told. What does not fit any more is left
  /// out, with a warning.
  [[nodiscard]] core::configuration lay_over(core::configuration files, const config::load_options& source);

  /// The next configuration, remembered; or why there is none, and nothing has changed.
  using outcome = std::variant<core::configuration, api::reload_errors, api::refusal>;
  [[nodiscard]] outcome add(const core::configuration& present, const std::string& name,
                            const std::string& text, const config::load_options& source);
  [[nodiscard]] outcome remove(const core::configuration& present, const std::string& name,
                               const config::load_options& source);

  /// The configuration was read again, or everything has stopped.
  void forget();

  [[nodiscard]] const state::edits& all() const { return all_; }

 private:
  void save();

  std::string file_;
  state::edits all_;
};

}  // namespace workspaced::app
