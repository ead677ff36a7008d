// The daemon: a configuration, the rooms wired together, and the loop that runs until everything is down.
#pragma once

#include "agent/agent_server.hpp"
#include "app/control.hpp"
#include "app/door_tools.hpp"
#include "app/edit_layer.hpp"
#include "app/event_hub.hpp"
#include "app/registrar.hpp"
#include "app/tokens.hpp"
#include "config/load.hpp"
#include "core/model.hpp"
#include "door/doors.hpp"
#include "http/server.hpp"
#include "os/unique_fd.hpp"
#include "supervisor/supervisor.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <vector>

namespace workspaced::app {

struct daemon_parts {
  core::configuration config;
  config::load_options source;        ///< where the configuration came from, for a reload
  std::string socket;                 ///< of workspacectl
  core::environment_map environment;  ///< ours, which services inherit
  std::vector<std::string> argv;      ///< ours, for the program that we may become
  os::unique_fd lock;                 ///< of the state directory, from the program that became us
};

class daemon {
 public:
  /// Takes over the state directory and starts to listen; no service runs yet. Fails with a sentence.
  [[nodiscard]] static boost::system::result<std::unique_ptr<daemon>, std::string> create(daemon_parts parts);

  daemon(const daemon&) = delete;
  daemon& operator=(const daemon&) = delete;

  /// Starts the services and returns when a shutdown has ended: 0, or the code of the service that was to end
  /// it.
  [[nodiscard]] int run();

 private:
  daemon(daemon_parts parts, os::unique_fd lock, tokens secrets, std::string instance);

  [[nodiscard]] boost::system::result<void, std::string> listen();
  void connect_doors();
  [[nodiscard]] std::vector<http::route> routes();
  void await_signal();
  void shut_down();
  [[nodiscard]] api::reload_outcome reload(bool dry_run);
  [[nodiscard]] api::reload_outcome edit(const std::string& name,
                                         const std::optional<std::string>& definition);
  [[nodiscard]] boost::asio::awaitable<boost::system::result<api::upgrade_begun, api::refusal>> upgrade();
  void become(const std::string& program);

  boost::asio::io_context loop_{1};
  daemon_parts parts_;
  os::unique_fd lock_;
  supervisor::supervisor services_;
  door::doors doors_;
  event_hub events_;
  registrar claude_;
  edit_layer edits_;
  control control_;
  door_tools tools_;
  agent::agent_server agent_;
  http::server server_;
  boost::asio::signal_set signals_;
  int exit_code_ = 0;
};

}  // namespace workspaced::app
