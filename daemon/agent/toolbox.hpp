// The tools of our own server.
#pragma once

#include "agent/cursor.hpp"
#include "agent/documents.hpp"
#include "agent/journal.hpp"
#include "api/control.hpp"
#include "api/event_stream.hpp"
#include "logs/service_log.hpp"
#include "mcp/server_offer.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace workspaced::agent {

/// The log of a service; null when nothing was ever written to it.
using log_finder = std::function<std::shared_ptr<logs::service_log>(const std::string& service)>;

class toolbox : public std::enable_shared_from_this<toolbox> {
 public:
  toolbox(api::control& daemon, log_finder log_of, api::clock now);

  /// Services that may be started and stopped; "*": all.
  void allow(std::vector<std::string> control) { control_ = std::move(control); }

  /// In the order of the list. They keep the toolbox alive.
  [[nodiscard]] std::vector<mcp::tool> tools();

  agent::journal journal;

 private:
  using action = api::outcome (api::control::*)(const std::vector<std::string>&);
  using tool_handler = boost::asio::awaitable<mcp::outcome> (toolbox::*)(mcp::call&);
  using tool_answer = mcp::outcome (toolbox::*)(mcp::call&);

  /// What a call waits for.
  struct goal {
    enum class kind { ready, down };
    kind what = kind::ready;
    std::uint64_t after_run = 0;  ///< ready in a later run than this one
  };

  [[nodiscard]] mcp::handler bind(tool_answer answer);
  [[nodiscard]] mcp::handler bind(tool_handler run);

  // tools_look.cpp
  void add_looking(std::vector<mcp::tool>& all);
  [[nodiscard]] mcp::outcome list_services(mcp::call& from);
  [[nodiscard]] mcp::outcome service_status(mcp::call& from);
  [[nodiscard]] mcp::outcome read_logs(mcp::call& from);
  [[nodiscard]] mcp::outcome check_health(mcp::call& from);
  [[nodiscard]] mcp::outcome events(mcp::call& from);

  // tools_control.cpp
  void add_controlling(std::vector<mcp::tool>& all);
  [[nodiscard]] boost::asio::awaitable<mcp::outcome> wait_ready(mcp::call& from);
  [[nodiscard]] boost::asio::awaitable<mcp::outcome> start_service(mcp::call& from);
  [[nodiscard]] boost::asio::awaitable<mcp::outcome> stop_service(mcp::call& from);
  [[nodiscard]] boost::asio::awaitable<mcp::outcome> restart_service(mcp::call& from);
  [[nodiscard]] std::optional<std::string> refusal_of(const mcp::call& from, const std::string& name) const;
  [[nodiscard]] std::optional<std::string> order(action what, const mcp::call& from, const std::string& name);
  [[nodiscard]] boost::asio::awaitable<mcp::outcome> finish(mcp::call& from, std::string name, goal until);
  [[nodiscard]] boost::asio::awaitable<mcp::outcome> await(mcp::call& from, std::string name, goal until,
                                                           std::chrono::seconds time);
  [[nodiscard]] std::optional<mcp::outcome> judge(const core::service_view& service, const goal& until) const;

  // toolbox.cpp
  /// The service that a call names; a copy. Else the result that says that there is none.
  [[nodiscard]] std::variant<core::service_view, mcp::outcome> named(const mcp::call& from) const;
  [[nodiscard]] std::string shown(const core::service_view& service) const;

  api::control& daemon_;
  log_finder log_of_;
  api::clock now_;
  std::vector<std::string> control_;
  cursors cursors_;
};

/// Of an argument that names a service.
inline constexpr std::string_view name_argument =
    R"("name":{"type":"string","description":"of the service, as list_services has it"})";

/// {"type":"object","properties":{…},"required":[…],"additionalProperties":false}
[[nodiscard]] std::string arguments_schema(const std::string& properties, const std::string& required);

}  // namespace workspaced::agent
