// Our own MCP server, /mcp: what an agent in the workspace may see and do, for clients of both eras.
#pragma once

#include "agent/other_tools.hpp"
#include "agent/toolbox.hpp"
#include "api/control.hpp"
#include "http/router.hpp"
#include "mcp/server.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace workspaced::agent {

struct options {
  std::string version;               ///< of the daemon
  std::vector<std::string> control;  ///< services that an agent may start, stop and restart; "*": all
  bool aggregate = false;            ///< offers `others`, too
  log_finder log_of;
  api::clock now;
};

class agent_server {
 public:
  /// `daemon` outlives the server; so does `others`, which may be null. Begins to note changes.
  agent_server(boost::asio::any_io_executor executor, api::control& daemon, options settings,
               other_tools* others = nullptr);
  agent_server(const agent_server&) = delete;
  agent_server& operator=(const agent_server&) = delete;
  ~agent_server();

  /// After a reload.
  void configure(std::vector<std::string> control, bool aggregate);

  /// Before the end: streams to clients end in order, calls are cancelled.
  void close() { server_.close(); }

  [[nodiscard]] std::vector<http::route> routes();

 private:
  void offer();

  bool aggregate_;
  other_tools* others_;
  std::shared_ptr<toolbox> tools_;
  mcp::server server_;
};

}  // namespace workspaced::agent
