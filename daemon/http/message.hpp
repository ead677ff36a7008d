// A request and a response as values: what a route sees of HTTP. Cheap to include: no Asio, no Beast.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Declared only: whoever writes a stream's body includes <boost/asio/awaitable.hpp>, routes need not.
namespace boost::asio {
class any_io_executor;
template <typename T, typename Executor>
class awaitable;
}  // namespace boost::asio

namespace workspaced::http {

enum class method { get, head, post, put, del, options, other };

/// "GET", "DELETE"; "" for `other`.
[[nodiscard]] std::string_view to_string(method verb);
/// Case matters, as by RFC 9110 9.1: "get" is `other`.
[[nodiscard]] method method_from(std::string_view text);

/// What a client may do, least first.
enum class access { open, read, admin };

/// Who is at the other end.
struct peer {
  bool unix_socket = false;
  uid_t uid = static_cast<uid_t>(-1);  ///< of the process that connected; Unix socket only
  std::string address;                 ///< "127.0.0.1:51234", "unix"
};

using header_list = std::vector<std::pair<std::string, std::string>>;

struct request {
  method verb = method::get;
  std::string path =
      "/";              ///< percent-decoded UTF-8 without "." and ".." segments, NUL and control characters
  header_list query;    ///< decoded, in order; "?verbose" has an empty value
  header_list headers;  ///< as sent, in order
  std::string body;
  http::peer peer;
  header_list parameters;         ///< of the route's pattern: "name" -> "web"
  access granted = access::open;  ///< at least what the route needs

  /// The value of a header, whatever its case; empty when absent. The first of several.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] bool has_header(std::string_view name) const;
  /// Whether the query has the key, with or without a value.
  [[nodiscard]] bool has(std::string_view key) const;
  /// The first value of a key of the query.
  [[nodiscard]] std::optional<std::string> get(std::string_view key) const;
  /// A parameter of the pattern; empty when the pattern has none of that name.
  [[nodiscard]] std::string parameter(std::string_view name) const;
};

/// A body that is made while it is sent. Every piece goes out at once.
class stream {
 public:
  stream() = default;
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  virtual ~stream() = default;

  /// The next bytes, or nothing at the end. Called again only after the piece before has been handed to the
  /// kernel, so a slow client slows only its own stream. When the client leaves, the pending call is
  /// cancelled (all types) and has to return soon; what it returns is dropped, and the stream is destroyed.
  /// An exception breaks the connection off.
  virtual boost::asio::awaitable<std::optional<std::string>, boost::asio::any_io_executor> next() = 0;
};

struct response;

/// An answer that takes a while.
class deferred {
 public:
  deferred() = default;
  deferred(const deferred&) = delete;
  deferred& operator=(const deferred&) = delete;
  virtual ~deferred() = default;

  /// Called once. When the client leaves, it is cancelled (all types) and has to return soon; what it returns
  /// is dropped. An exception is answered by a 500.
  virtual boost::asio::awaitable<response, boost::asio::any_io_executor> answer() = 0;
};

struct response {
  int status = 200;
  std::string content_type = "application/json";  ///< empty: no such header
  std::string body;
  header_list headers;                   ///< besides those that the server adds: lengths, Date, Connection
  std::unique_ptr<http::stream> stream;  ///< if set, `body` is not sent
  std::unique_ptr<deferred> later;       ///< if set, the response is what this answers

  [[nodiscard]] static response json(std::string body, int status = 200);
  [[nodiscard]] static response text(std::string body, int status = 200);
  [[nodiscard]] static response streamed(std::string content_type, std::unique_ptr<http::stream> source);
  [[nodiscard]] static response after(std::unique_ptr<deferred> work);
  /// An RFC 9457 document. `title` is the same for every problem of its kind, `detail` is about this one.
  [[nodiscard]] static response problem(int status, std::string_view title, std::string_view detail);
};

/// "Not Found"; "Unknown" for a number that RFC 9110 does not name.
[[nodiscard]] std::string_view reason_phrase(int status);

/// Equal, ASCII case aside: names of headers, hosts.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

}  // namespace workspaced::http
