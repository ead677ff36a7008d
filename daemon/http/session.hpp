// One connection: requests in, responses out, until one side has enough.
#pragma once

#include "http/message.hpp"
#include "http/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>

namespace workspaced::http {

class session {
 public:
  using socket_type = boost::asio::generic::stream_protocol::socket;
  using clock = std::chrono::steady_clock;
  using answerer = std::function<response(request)>;

  session(socket_type socket, peer from, const limits& bounds, answerer answer);
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Serves the connection to its end. Never throws. Whoever starts it keeps the session alive meanwhile.
  boost::asio::awaitable<void> serve();

  /// Waiting for a request since then; nothing while one is read or answered.
  [[nodiscard]] bool idle() const { return idle_; }
  [[nodiscard]] clock::time_point idle_since() const { return idle_since_; }

  /// No request after the present one.
  void finish() { last_ = true; }
  /// Ends it now, whatever it does.
  void close();

 private:
  struct exchange;
  enum class next { another, done };

  boost::asio::awaitable<next> serve_one(exchange& with);
  boost::asio::awaitable<bool> read_body(exchange& with);
  boost::asio::awaitable<bool> reply(exchange& with, response what, bool keep_alive);
  boost::asio::awaitable<bool> reply_streamed(exchange& with, response what, bool keep_alive);
  boost::asio::awaitable<void> pump(stream& source, bool chunked, bool& whole);
  boost::asio::awaitable<void> watch_for_leaving();
  boost::asio::awaitable<void> linger();
  void give(std::chrono::milliseconds time);

  socket_type socket_;
  peer from_;
  const limits& limits_;
  answerer answer_;
  boost::asio::steady_timer deadline_;
  bool timed_out_ = false;
  bool idle_ = true;
  bool last_ = false;
  clock::time_point idle_since_ = clock::now();
};

}  // namespace workspaced::http
