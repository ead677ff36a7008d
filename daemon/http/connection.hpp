// One connection to a server, for the client's side: connect, send, receive, each within a time limit.
#pragma once

#include "http/client.hpp"
#include "http/parser.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace workspaced::http {

/// A socket with a time limit, and the answer that is being read from it. Every wait goes through `ready`.
class exchange::connection : public std::enable_shared_from_this<exchange::connection> {
 public:
  using socket_type = boost::asio::generic::stream_protocol::socket;

  explicit connection(boost::asio::any_io_executor executor) : socket_(executor), timer_(executor) {}

  /// From now on; 0: none.
  void limit(core::duration time);
  boost::asio::awaitable<std::optional<failure>> connect(endpoint where);
  /// Sends a request; the answer to the one before has been read to its end.
  boost::asio::awaitable<std::optional<failure>> send(std::string text, bool head_only);
  /// Reads until the header is complete.
  boost::asio::awaitable<std::optional<failure>> receive_head();
  boost::asio::awaitable<client_result<std::optional<std::string>>> receive_body();

  /// The answer has been read to its end, and both sides will go on.
  [[nodiscard]] bool can_go_on() const;
  /// Nobody has closed it and nothing has come that was not asked for, as far as the kernel knows.
  [[nodiscard]] bool is_quiet();
  void close();

  answer head;
  /// Takes the connection when its user has done with it; empty: it closes.
  std::function<void(std::shared_ptr<connection>)> take_back;

 private:
  boost::asio::awaitable<std::optional<failure>> ready(socket_type::wait_type what);
  boost::asio::awaitable<std::optional<failure>> receive_some();
  [[nodiscard]] std::optional<failure> closed();
  [[nodiscard]] bool talks_to_itself();

  socket_type socket_;
  boost::asio::steady_timer timer_;
  core::duration limit_{};
  bool expired_ = false;
  std::optional<response_parser> parser_;
  std::string pending_;  // what has come and is not parsed
  progress reached_ = progress::more;
};

/// The request as bytes. `keep`: the connection is to stay open.
[[nodiscard]] std::string text_of(const client_request& what, bool keep);

}  // namespace workspaced::http
