// The mcp probe: what a client does first, and the list of tools.
#pragma once

#include "checks/probe.hpp"

namespace workspaced::checks {

/// A server that knows `initialize` is asked so, another by `server/discover`; then for its tools, with its
/// token. The answer names server, version and number of tools: "fleet-mcp 0.2.0, 11 tools". `what.target` is
/// an mcp_target with an address.
[[nodiscard]] boost::asio::awaitable<probe_result> ask_mcp(boost::asio::any_io_executor executor,
                                                           os::process_table& processes, probe_request what);

}  // namespace workspaced::checks
