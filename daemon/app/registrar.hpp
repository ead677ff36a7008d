// Points Claude Code at an MCP server as soon as its service is ready.
#pragma once

#include "claude/registration.hpp"
#include "core/model.hpp"
#include "supervisor/supervisor.hpp"

#include <boost/asio/io_context.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace workspaced::app {

class registrar {
 public:
  /// `where` is Claude Code's user configuration; without one (no home) nothing is ever written.
  registrar(boost::asio::io_context& loop, supervisor::supervisor& services,
            std::optional<claude::location> where);

  /// The servers to register from now on. Those whose service is ready already are written at once.
  void configure(const std::map<std::string, core::mcp_spec>& servers);

 private:
  void register_servers_of(const std::string& service);

  boost::asio::io_context& loop_;
  supervisor::supervisor& services_;
  std::optional<claude::registration> registration_;
  std::map<std::string, core::mcp_spec> servers_;
};

}  // namespace workspaced::app
