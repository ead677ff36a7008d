// The front door of one MCP server: the endpoint that clients are given. It always answers. What a client
// asks first it answers itself, from the server when that is there, else from what it last said; everything
// else is a call.
#pragma once

#include "core/snapshot.hpp"
#include "door/call.hpp"
#include "door/server.hpp"
#include "door/sessions.hpp"
#include "door/tally.hpp"
#include "http/message.hpp"
#include "mcp/rules.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <vector>

namespace workspaced::door {

class door : public std::enable_shared_from_this<door> {
 public:
  struct settings {
    std::string name;
    std::string service;
    std::string target;  ///< for people
    core::duration hold_timeout{};
    core::duration call_timeout{};
    std::function<void(const std::string& text)> report;
    std::function<void()> when_tools_changed;
  };

  door(boost::asio::any_io_executor executor, settings all, std::shared_ptr<server> behind);
  door(const door&) = delete;
  door& operator=(const door&) = delete;

  /// Must be called once, before anything else.
  void begin();
  /// Streams to clients end; calls that wait hear that the server will not come.
  void close();

  [[nodiscard]] http::response post(const http::request& what);
  [[nodiscard]] http::response get(const http::request& what);
  [[nodiscard]] http::response del(const http::request& what);

  [[nodiscard]] server& behind() { return *behind_; }
  [[nodiscard]] core::door_view view() const;

  /// For our own server, which offers these tools under a prefix: calls a tool, and answers with the
  /// response.
  [[nodiscard]] boost::asio::awaitable<mcp::message> call_tool(std::string params);

 private:
  class question;
  struct listener {
    std::weak_ptr<conduit> to;
    std::string subscription;        ///< JSON id of subscriptions/listen; empty: a legacy stream
    std::vector<std::string> wants;  ///< notifications; a legacy stream wants all
  };

  [[nodiscard]] http::response answer_request(mcp::incoming what, const http::request& from);
  [[nodiscard]] http::response answer_notice(mcp::incoming what, const http::request& from);
  [[nodiscard]] http::response pass_on_notice(const mcp::message& notice, const session& who);
  [[nodiscard]] http::response begin_call(mcp::incoming what, std::shared_ptr<session> who,
                                          const http::request& from);
  [[nodiscard]] http::response listen(const mcp::incoming& what);
  [[nodiscard]] boost::asio::awaitable<http::response> introduce(mcp::incoming what);
  [[nodiscard]] boost::asio::awaitable<http::response> list(mcp::incoming what, std::shared_ptr<session> who);
  [[nodiscard]] boost::asio::awaitable<std::string> live_list(const mcp::incoming& what,
                                                              std::shared_ptr<session> who);
  [[nodiscard]] http::response known(const mcp::incoming& what, const std::string& result);
  [[nodiscard]] http::response refused(int status, std::string_view id, const mcp::rpc_error& error);
  void remember(const mcp::incoming& what, session& who);
  void announce(const list_kind& kind);
  void relay(std::shared_ptr<conduit> to, std::shared_ptr<session> who, std::string last_event);
  [[nodiscard]] boost::asio::awaitable<void> relay_events(std::shared_ptr<conduit> to,
                                                          std::shared_ptr<session> who,
                                                          std::string last_event);
  [[nodiscard]] boost::asio::awaitable<void> relay_stream(std::shared_ptr<conduit> to, incoming_answer& from,
                                                          std::uint64_t run);

  boost::asio::any_io_executor executor_;
  settings settings_;
  std::shared_ptr<server> behind_;
  std::shared_ptr<tally> counts_;
  std::shared_ptr<call_context> around_;
  sessions sessions_;
  std::vector<listener> listeners_;
};

}  // namespace workspaced::door
