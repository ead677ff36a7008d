// Points Claude Code and its kin at the front doors of our MCP servers.
#pragma once

#include "api/registrations.hpp"
#include "claude/keeper.hpp"
#include "core/model.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <vector>

namespace workspaced::app {

class registrar : public api::registry {
 public:
  struct parts {
    core::environment_map environment;  ///< ours: homes, PATH
    std::string socket;                 ///< of workspacectl
    std::string token;                  ///< the read token. A secret
    std::string state_dir;
  };

  registrar(boost::asio::io_context& loop, parts all);

  /// The address that the server listens on, "http://127.0.0.1:9001": to be called once, before the rest.
  void listening(const std::string& address);

  /// What is to be told from now on.
  void configure(const core::configuration& config);

  [[nodiscard]] std::vector<api::registration_view> list() const override;
  boost::asio::awaitable<void> sync(std::vector<std::string> servers, bool force) override;
  boost::asio::awaitable<void> remove(std::vector<std::string> servers, bool force) override;
  [[nodiscard]] http::header_list headers() const override;

 private:
  boost::asio::io_context& loop_;
  parts all_;
  std::unique_ptr<claude::keeper> keeper_;  ///< from `listening` on
};

}  // namespace workspaced::app
