// A command line as a value.
#pragma once

#include "core/model.hpp"
#include "ctl/outcome.hpp"
#include "ctl/verbs.hpp"

#include <optional>
#include <string>
#include <vector>

namespace workspaced::ctl {

enum class wait_goal { ready, stopped, completed };

struct invocation {
  const verb* what = nullptr;      ///< never null in a parsed one
  bool help = false;               ///< --help: of `what`
  std::vector<std::string> names;  ///< the arguments after the verb
  std::string socket;              ///< empty: where the daemon's is by default
  std::string config;
  std::string file;
  bool json = false;
  bool no_color = false;
  bool wait = false;
  bool all = false;
  bool follow = false;
  bool dry_run = false;
  bool force = false;
  bool of_host = false;
  unsigned lines = 100;
  wait_goal goal = wait_goal::ready;
  std::optional<std::vector<std::string>> typed;  ///< of `completion --`: the line that somebody types
  std::optional<core::duration> timeout;          ///< has a value for verbs with --timeout
};

/// `arguments` without the program's name. Failures are of code `usage`.
[[nodiscard]] result<invocation> parse(std::vector<std::string> arguments);

}  // namespace workspaced::ctl
