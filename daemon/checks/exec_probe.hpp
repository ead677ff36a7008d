// The exec probe: a command's exit status, and the last line that it wrote.
#pragma once

#include "checks/probe.hpp"

namespace workspaced::checks {

/// Runs the command in a session of its own. When this ends, for whatever reason, its process group is
/// killed.
[[nodiscard]] boost::asio::awaitable<probe_result> run_exec(boost::asio::any_io_executor executor,
                                                            os::process_table& processes, probe_request what);

}  // namespace workspaced::checks
