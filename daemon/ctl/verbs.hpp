// The one table of verbs and options: the parser, the help and the documentation are all read off it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::ctl {

enum class verb_id {
  up,
  down,
  status,
  start,
  stop,
  restart,
  logs,
  wait,
  why,
  reload,
  add,
  remove,
  upgrade,
  env,
  mcp,
  health,
  doctor,
  stat,
  check,
  completion,
  version,
  help
};

enum class option_id {
  socket,
  json,
  no_color,
  wait,
  timeout,
  config,
  all,
  follow,
  lines,
  wait_for,
  dry_run,
  force,
  of_host,
  file
};

struct option {
  option_id id;
  std::string_view names;  ///< "-n,--lines"
  std::string_view value;  ///< placeholder of its value; empty: a flag
  std::string_view summary;
};

struct example {
  std::string_view command;
  std::string_view meaning;
};

struct verb {
  verb_id id;
  std::string_view name;
  std::string_view arguments;  ///< as in the usage line: "NAME..."
  int least = 0;               ///< how many arguments it takes; `most` < 0: any number
  int most = 0;
  std::string_view summary;      ///< one line of the overview
  std::string_view description;  ///< the paragraph of its own help
  std::string_view timeout;      ///< default of --timeout, where it has one
  std::vector<option_id> options;
  std::vector<example> examples;
};

[[nodiscard]] std::span<const verb> all_verbs();
[[nodiscard]] std::span<const option> all_options();
[[nodiscard]] const option& find_option(option_id id);
[[nodiscard]] const verb* find_verb(std::string_view name);

/// Options that every verb takes, before or after its name.
inline constexpr option_id global_options[] = {option_id::socket, option_id::json, option_id::no_color};

/// `workspacectl help`.
[[nodiscard]] std::string overview();

/// `workspacectl help VERB`, `workspacectl VERB --help`.
[[nodiscard]] std::string help_of(const verb& which);

}  // namespace workspaced::ctl
