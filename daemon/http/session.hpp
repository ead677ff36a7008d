// One connection: requests in, responses out, until one side has enough.
#pragma once

#include "http/parser.hpp"
#include "http/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::http {

class session;

/// What all sessions of a server share.
struct session_context {
  server_options settings;
  std::vector<route> routes;
  std::vector<char> block = std::vector<char>(64 * 1024);  ///< what a read brings before it finds its place

  void report(const std::string& problem) const {
    if (settings.report) settings.report(problem);
  }
};

/// The connections of one listener, each list in the order in which they came to it.
struct guests {
  std::list<session*> waiting;  ///< for a request to be complete, or for a refused client to go
  std::list<session*> served;

  [[nodiscard]] std::size_t size() const { return waiting.size() + served.size(); }
};

class session : public std::enable_shared_from_this<session> {
 public:
  using socket_type = boost::asio::generic::stream_protocol::socket;

  /// Enters itself into `place`, which outlives it, and leaves it when the connection is closed.
  session(socket_type socket, peer who, std::shared_ptr<session_context> shared,
          std::shared_ptr<guests> place);
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session();

  /// Serves the connection to its end. Keeps itself alive meanwhile; `ended` is called from the loop.
  void start(std::function<void()> ended);

  /// No request after the present one.
  void finish() { last_ = true; }
  /// Ends the connection at once, whatever it does; its descriptor is free when this returns.
  void close();

 private:
  enum class event { bytes, late, gone };

  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<bool> serve_one();
  boost::asio::awaitable<bool> read_request(request_parser& parser);
  boost::asio::awaitable<event> read_some();
  boost::asio::awaitable<void> refuse(response what);
  boost::asio::awaitable<bool> resolve(response& what);
  boost::asio::awaitable<response> outcome_of(deferred& work);
  boost::asio::awaitable<bool> reply(response& what, bool head_only, bool http_1_0);
  boost::asio::awaitable<bool> send(std::string bytes);
  boost::asio::awaitable<bool> send_stream(std::unique_ptr<stream> source, bool chunked);
  [[nodiscard]] response answer(raw_request raw) const;

  void watch_for_leaving();
  void leave();
  void arm(std::chrono::milliseconds time);
  void disarm();
  void move_to(std::list<session*>& list);

  socket_type socket_;
  peer who_;
  std::shared_ptr<session_context> shared_;
  std::shared_ptr<guests> place_;
  std::list<session*>* list_;
  std::list<session*>::iterator position_;
  boost::asio::cancellation_signal stop_;
  boost::asio::steady_timer deadline_;
  std::string pending_;     // what has come and is not parsed
  bool expired_ = false;    // the deadline has passed
  bool last_ = false;       // close after the present response
  bool streaming_ = false;  // an answer is being made or streamed, its client is watched
};

}  // namespace workspaced::http
