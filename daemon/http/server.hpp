// The daemon's HTTP/1.1 server: any number of TCP and Unix listeners over one table of routes.
//
// A client can waste only its own connection: every wait for it has a deadline, and when a listener has as
// many connections as it may have, the one that has been waiting for a request longest makes room for the new
// one. Nothing that happens on a connection ends a listener.
#pragma once

#include "http/policy.hpp"
#include "http/router.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace workspaced::http {

struct server_options {
  policy rules;
  std::size_t header_limit = 16 * 1024;              ///< bytes; beyond: 431
  std::size_t body_limit = 1024 * 1024;              ///< bytes; beyond: 413
  std::chrono::milliseconds header_timeout{10'000};  ///< from a request's first byte to its whole header: 408
  std::chrono::milliseconds body_timeout{30'000};    ///< for the whole body after that: 408
  std::chrono::milliseconds idle_timeout{60'000};    ///< between requests, and before the first
  std::chrono::milliseconds write_timeout{30'000};   ///< without the client taking a byte
  std::chrono::milliseconds linger{2'000};           ///< for what a refused client still sends
  std::size_t max_connections = 512;                 ///< of each listener; less when RLIMIT_NOFILE is small
  std::function<void(const std::string& problem)> report;  ///< one line for the log; may be empty
};

class server {
 public:
  server(boost::asio::any_io_executor executor, server_options settings, std::vector<route> routes);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  /// Closes everything at once; running streams are cancelled and end when the loop runs on.
  ~server();

  /// Listens on a numeric address (IPv4 or IPv6); port 0: the kernel chooses. Gives the port. Fails with a
  /// sentence.
  [[nodiscard]] boost::system::result<std::uint16_t, std::string> listen_tcp(const std::string& host,
                                                                             std::uint16_t port);

  /// Listens on a Unix socket, a file of mode 0600. A socket that nobody listens on is replaced; a live one
  /// or a file of another kind is left alone. Fails with a sentence.
  [[nodiscard]] boost::system::result<void, std::string> listen_unix(const std::string& path);

  /// Takes no new connections, closes those without a request, lets the others finish within `bound`, then
  /// cuts them off. `done` is called once from the loop, when no connection is left.
  void stop(std::chrono::milliseconds bound, std::function<void()> done);

  /// Open connections of all listeners.
  [[nodiscard]] std::size_t connections() const;

 private:
  class state;
  std::shared_ptr<state> state_;
};

}  // namespace workspaced::http
