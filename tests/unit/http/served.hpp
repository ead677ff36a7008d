// A server on its own loop in its own thread, and a blocking client that sends and reads bytes as they are.
#pragma once

#include "http/server.hpp"
#include "os/unique_fd.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace workspaced::http::test {

/// A connected socket. Every read has a deadline, after which the test fails.
class wire_client {
 public:
  explicit wire_client(std::uint16_t port);
  explicit wire_client(const std::string& unix_path);

  /// False when the server has closed.
  bool send(std::string_view bytes);
  /// Reads until `marker` has come `times` times, or the end. Gives what has come since the last call.
  std::string read_until(std::string_view marker, int times = 1);
  /// Reads to the end; a reset counts as the end.
  std::string read_all();
  /// The status of the next answer; 0 when the server closes without one. Reads its header only.
  int status();
  [[nodiscard]] int fd() const { return fd_.get(); }
  void close() { fd_.reset(); }

 private:
  os::unique_fd fd_;
};

class served {
 public:
  explicit served(std::vector<route> routes, server_options settings = quick());
  served(const served&) = delete;
  served& operator=(const served&) = delete;
  ~served();

  /// Limits that let a test see a timeout in a fraction of a second.
  static server_options quick();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// One request on a connection of its own; the whole answer.
  std::string ask(std::string_view text) const;
  int status_of(std::string_view text) const;

  /// Runs on the server's thread, and waits for it.
  void on_loop(const std::function<void()>& what);
  std::size_t connections();
  server& get() { return *server_; }

 private:
  boost::asio::io_context loop_{1};
  std::unique_ptr<server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// A table of the kinds of routes that there are.
std::vector<route> sample_routes();

inline constexpr std::string_view get_health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Until `check` is true, at most for five seconds.
bool eventually(const std::function<bool()>& check);
std::size_t open_descriptors();

}  // namespace workspaced::http::test
