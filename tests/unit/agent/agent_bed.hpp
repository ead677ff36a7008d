// Our own server over a daemon that does as it is told, and a client that calls its tools.
#pragma once

#include "agent/agent_server.hpp"
#include "unit/api/fake_control.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace workspaced::agent::test {

using nlohmann::json;

/// A daemon with any number of listeners, whose services change when a test says so.
class live_control : public workspaced::test::fake_control {
 public:
  explicit live_control(boost::asio::io_context& loop) : loop_(loop) {}

  std::unique_ptr<api::event_source> subscribe() override;
  /// A service is now like this, and everybody hears of it.
  void becomes(core::service_view service);
  /// The daemon stops: nobody hears anything more.
  void end();
  [[nodiscard]] std::size_t listeners() const { return listeners_.size(); }

 private:
  class source;
  boost::asio::io_context& loop_;
  std::list<source*> listeners_;
};

class bed {
 public:
  explicit bed(std::vector<std::string> control = {}, other_tools* others = nullptr);
  ~bed();

  /// Sends one request and turns the loop until the response has come: its message.
  json ask(const std::string& method, json params = json::object());
  /// The result of tools/call.
  json call(const std::string& tool, const json& arguments = json::object());
  /// As `call`, while which `meanwhile` happens.
  json call(const std::string& tool, const json& arguments, const std::function<void()>& meanwhile);
  /// Names of the tools.
  std::vector<std::string> tools();
  void turn();

  http::access granted = http::access::admin;
  boost::asio::io_context loop{1};
  live_control daemon{loop};
  std::optional<agent_server> server;
};

/// The text of a result.
[[nodiscard]] std::string text_of(const json& result);
[[nodiscard]] core::service_view service(const std::string& name, core::status state, std::uint64_t run = 1);

}  // namespace workspaced::agent::test
