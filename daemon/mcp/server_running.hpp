// A request whose answer takes as long as it takes.
#pragma once

#include "mcp/server_call.hpp"
#include "mcp/server_outlet.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <functional>
#include <memory>
#include <string>

namespace workspaced::mcp {

class running : public std::enable_shared_from_this<running> {
 public:
  /// What makes a response of what the handler gave: text and HTTP status.
  struct reply {
    std::string text;
    int status = 200;
  };
  using finisher = std::function<reply(const outcome&)>;

  running(incoming what, call::client who, std::shared_ptr<outlet> to, handler run, finisher finish);

  /// Begins; an answer that needs no waiting is there when this returns. Until `work` has ended the call
  /// keeps itself alive.
  void start(const boost::asio::any_io_executor& executor);
  /// The client takes its request back: no response follows.
  void cancel();

  http::header_list& parameters() { return call_.parameters; }

 private:
  [[nodiscard]] boost::asio::awaitable<void> work();

  boost::asio::any_io_executor executor_;
  call call_;
  std::shared_ptr<outlet> to_;
  handler run_;
  finisher finish_;
  boost::asio::cancellation_signal stop_;
  bool cancelled_ = false;
};

}  // namespace workspaced::mcp
