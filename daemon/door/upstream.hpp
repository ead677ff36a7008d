// The server behind a door, as the door sees it: a message goes in, an answer comes out in pieces.
#pragma once

#include "core/model.hpp"
#include "http/client.hpp"
#include "mcp/message.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <memory>
#include <optional>
#include <string>

namespace workspaced::door {

/// A message on its way to the server.
struct outbound {
  mcp::message what;
  std::string session;        ///< the server's; empty: none
  std::string version;        ///< of the protocol; empty before `initialize` was answered
  http::header_list headers;  ///< of the client, to be passed on
  core::duration silence{};   ///< the server may be silent this long
};

/// The server's answer while it comes. The HTTP status and header are there, the body comes piece by piece.
class incoming_answer {
 public:
  incoming_answer() = default;
  incoming_answer(const incoming_answer&) = delete;
  incoming_answer& operator=(const incoming_answer&) = delete;
  virtual ~incoming_answer() = default;

  int status = 200;
  std::string content_type;
  std::string session;  ///< that the server gave with this answer

  [[nodiscard]] bool is_events() const { return content_type.starts_with("text/event-stream"); }

  /// The next bytes, or nothing at the end. A failure means that the rest will never come.
  [[nodiscard]] virtual boost::asio::awaitable<http::client_result<std::optional<std::string>>> next() = 0;
};

/// Why no answer has begun.
struct not_begun {
  bool may_have_arrived = false;  ///< the server may have got the message, and may have acted on it
  std::string why;
  bool token_refused = false;  ///< waiting does not help
};

using begun = boost::system::result<std::unique_ptr<incoming_answer>, not_begun>;

class upstream {
 public:
  upstream() = default;
  upstream(const upstream&) = delete;
  upstream& operator=(const upstream&) = delete;
  virtual ~upstream() = default;

  /// Sends the message, after a look whether anybody is there. Cancellation: any type; the server then sees
  /// that nobody waits any more.
  [[nodiscard]] virtual boost::asio::awaitable<begun> begin(outbound what) = 0;
  /// The stream that a legacy server offers for what it says by itself; `last_event` resumes one.
  [[nodiscard]] virtual boost::asio::awaitable<begun> listen(std::string session, std::string version,
                                                             std::string last_event) = 0;
  /// The client of the session has left for good.
  [[nodiscard]] virtual boost::asio::awaitable<void> end_session(std::string session,
                                                                 std::string version) = 0;
  /// The server is another one from now on, or none.
  virtual void forget() = 0;
  /// All clients share one connection: ids and sessions are the door's.
  [[nodiscard]] virtual bool is_shared() const = 0;
};

}  // namespace workspaced::door

namespace boost::system {
[[noreturn]] void throw_exception_from_error(const workspaced::door::not_begun& error,
                                             const source_location&);
}  // namespace boost::system
