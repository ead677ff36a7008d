// A short command: its exit status and the end of what it wrote.
#pragma once

#include "core/model.hpp"
#include "os/process_table.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace workspaced::checks {

struct command {
  std::vector<std::string> argv;
  std::string working_dir;            ///< empty: ours
  core::environment_map environment;  ///< all that it gets
  os::process_settings settings;
  core::duration timeout{};
  bool with_stderr = false;  ///< what it writes there belongs to the output; else it is thrown away
};

struct command_end {
  bool ok = false;     ///< exit code 0
  std::string text;    ///< "exit code 2", "timed out after 2 s", why it could not be started
  std::string output;  ///< the last 4 KiB
};

/// Its end with its last line, which nearly always is the reason of a failure: "exit code 2: no such table".
[[nodiscard]] std::string in_words(const command_end& how);

/// Runs the command in a session of its own. When this ends, for whatever reason, its process group is
/// killed. Cancellation as for `run_probe`.
[[nodiscard]] boost::asio::awaitable<command_end> run_command(boost::asio::any_io_executor executor,
                                                              os::process_table& processes, command what);

}  // namespace workspaced::checks
