// A small HTTP/1.1 client: one request per connection, over TCP (numeric addresses) or a Unix socket.
#pragma once

#include "core/model.hpp"
#include "http/message.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

namespace workspaced::http {

enum class client_error {
  refused,        ///< nothing listens there, or the socket does not exist
  not_permitted,  ///< the Unix socket may not be opened
  timed_out,
  reset,      ///< by the peer, or closed before a whole answer
  not_http,   ///< the answer is no HTTP
  too_large,  ///< a header of more than 16 KiB, or a body beyond the limit
  cancelled,
  other,
};

struct client_failure {
  client_error kind = client_error::other;
  std::string text;  ///< "connection refused", "timed out after 2s", "connection reset", "not HTTP"
};

template <class T>
using client_result = boost::system::result<T, client_failure>;

struct unix_target {
  std::string path;
};

struct client_request {
  std::variant<core::tcp_target, unix_target> to;
  std::string host = "localhost";  ///< the Host header
  std::string method = "GET";
  std::string target = "/";  ///< path and query, encoded
  header_list headers;
  std::string body;          ///< sent with Content-Length; none for an empty body of a GET
  core::duration timeout{};  ///< from connect to the last byte of the answer; 0: none
};

struct response_head {
  unsigned status = 0;
  std::string reason;  ///< "Service Unavailable"; may be empty
  header_list headers;
};

/// A request whose answer is being read. Closes its connection when it goes.
class exchange {
 public:
  class state;

  explicit exchange(std::shared_ptr<state> connection);
  exchange(exchange&&) noexcept;
  exchange& operator=(exchange&&) noexcept;
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;
  ~exchange();

  [[nodiscard]] const response_head& head() const;

  /// The next bytes of the body as they come, or nothing at its end.
  /// Cancellation: by any type that the calling coroutine lets through; gives `cancelled`.
  [[nodiscard]] boost::asio::awaitable<client_result<std::optional<std::string>>> next();

  /// From now on the time limit is `rest`; 0: none.
  void limit(core::duration rest);

 private:
  std::shared_ptr<state> state_;
};

/// Connects, sends, and waits for the header of the answer. Cancellation as for `next`.
[[nodiscard]] boost::asio::awaitable<client_result<exchange>> open_exchange(
    boost::asio::any_io_executor executor, client_request what);

struct client_answer {
  response_head head;
  std::string body;
};

/// A whole request and answer; fails with `too_large` when the body has more than `limit` bytes.
[[nodiscard]] boost::asio::awaitable<client_result<client_answer>> fetch(
    boost::asio::any_io_executor executor, client_request what, std::size_t limit = 16 * 1024 * 1024);

}  // namespace workspaced::http

namespace boost::system {
/// `client_result<T>::value()` on a failure is a programmer's error.
[[noreturn]] inline void throw_exception_from_error(const workspaced::http::client_failure& failure,
                                                    const source_location&) {
  throw std::logic_error(failure.text);
}
}  // namespace boost::system
