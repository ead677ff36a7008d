// A small HTTP/1.1 client over TCP (numeric addresses) or a Unix socket: one request per connection here,
// several in pool.hpp.
#pragma once

#include "core/model.hpp"
#include "http/message.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <boost/system/system_error.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace workspaced::http {

struct unix_target {
  std::string path;
};
using endpoint = std::variant<core::tcp_target, unix_target>;

struct client_request {
  endpoint where;
  method verb = method::get;
  std::string host = "localhost";  ///< the Host header
  std::string target = "/";        ///< path and query, encoded
  std::string body;                ///< sent as application/json
  std::string accept = "*/*";      ///< empty: no such header
  header_list headers;             ///< besides those that follow from the rest
  std::string bearer_token;        ///< empty: no Authorization header
  core::duration timeout{};        ///< from connect to the end of the answer; 0: none
};

/// Why there is no (whole) answer. Conditions of `error` (boost::system::errc): connection_refused,
/// no_such_file_or_directory and permission_denied of a Unix socket, timed_out, connection_reset (also closed
/// too early), bad_message (not HTTP), operation_canceled, or what else the system says.
struct failure {
  boost::system::error_code error;
  std::string text;  ///< "connection refused", "timed out after 2 s", "the answer is not HTTP"
};

template <class T>
using client_result = boost::system::result<T, failure>;

struct answer {
  int status = 0;
  std::string reason;  ///< the server's own phrase; may be empty
  header_list headers;
  std::string body;
};

/// An answer whose body is still being read. When it goes, its connection closes, or returns to its pool if
/// the answer was read to its end.
class exchange {
 public:
  class connection;

  explicit exchange(std::shared_ptr<connection> link);
  exchange(exchange&&) noexcept;
  exchange& operator=(exchange&&) noexcept;
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;
  ~exchange();

  /// All but the body.
  [[nodiscard]] const answer& head() const;

  /// The next bytes of the body as they come, or nothing at its end. Cancellation: any type that the calling
  /// coroutine lets through.
  [[nodiscard]] boost::asio::awaitable<client_result<std::optional<std::string>>> next();

  /// From now on the time limit is this; 0: none.
  void limit(core::duration rest);

 private:
  std::shared_ptr<connection> link_;  // shared with its timer only
};

/// Sends the request and waits for the header of the answer. Redirects are not followed. Cancellation as for
/// `next`.
[[nodiscard]] boost::asio::awaitable<client_result<exchange>> open(boost::asio::any_io_executor executor,
                                                                   client_request what);

/// Sends the request and reads the answer, `most` bytes of its body at most (the rest is not read).
[[nodiscard]] boost::asio::awaitable<client_result<answer>> fetch(boost::asio::any_io_executor executor,
                                                                  client_request what, std::size_t most);

/// Where the pieces of a body go. False ends the exchange.
using piece_handler = std::function<bool(int status, std::string_view piece)>;

/// Like `fetch`, but hands every piece of the body on as it comes.
[[nodiscard]] boost::asio::awaitable<client_result<answer>> fetch_streamed(
    boost::asio::any_io_executor executor, client_request what, piece_handler take);

/// Connects, and no more. Fails also when the connection is to itself, which the kernel can make of a port in
/// its own ephemeral range that nobody listens on (tcp(7), simultaneous open).
[[nodiscard]] boost::asio::awaitable<std::optional<failure>> try_connect(
    boost::asio::any_io_executor executor, endpoint where, core::duration timeout);

}  // namespace workspaced::http

namespace boost::system {
/// `client_result<T>::value()` on a failure.
[[noreturn]] inline void throw_exception_from_error(const workspaced::http::failure& error,
                                                    const source_location&) {
  throw system_error(error.error, error.text);
}
}  // namespace boost::system
