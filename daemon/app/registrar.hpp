// Points Claude Code and its kin at the front doors of our MCP servers.
#pragma once

#include "claude/registration.hpp"
#include "claude/wish.hpp"
#include "core/model.hpp"

#include <boost/asio/io_context.hpp>

#include <map>
#include <string>
#include <vector>

namespace workspaced::app {

class registrar {
 public:
  struct parts {
    core::environment_map environment;  ///< ours: homes, PATH
    std::string socket;                 ///< of workspacectl
    std::string token;                  ///< the read token. A secret
  };

  registrar(boost::asio::io_context& loop, parts all);

  /// The address that the server listens on: from now on entries can be written.
  void listening(const std::string& address) { door_.address = address; }

  /// What is to be told from now on.
  void configure(const core::configuration& config);

 private:
  void apply(const claude::location& where, std::vector<claude::change> changes);

  boost::asio::io_context& loop_;
  claude::homes homes_;
  std::string path_;  ///< $PATH
  claude::door door_;
  std::map<std::string, claude::registration> files_;
};

}  // namespace workspaced::app
