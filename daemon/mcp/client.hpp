// The client's side of Streamable HTTP: one message as a POST, one answer from what comes back.
#pragma once

#include "http/client.hpp"
#include "mcp/event_text.hpp"
#include "mcp/message.hpp"
#include "mcp/protocol.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace workspaced::mcp {

/// Where a message goes, and as whose.
struct address {
  core::http_target where;
  std::string bearer_token;  ///< empty: none
  std::string session;       ///< empty: none
  std::string version;       ///< of the protocol; empty before `initialize` was answered
};

/// `to.version` modern: with the headers that repeat what the message says.
[[nodiscard]] http::client_request post(const address& to, const message& what);

/// Why there is no answer.
struct no_answer {
  int status = 0;  ///< of HTTP; 0: none came
  std::string text;
};

/// Finds the response to one request in what comes back: JSON, or an event stream.
class answer_reader {
 public:
  /// `most`: bytes that are read.
  answer_reader(int status, bool events, std::string id, std::size_t most);

  void feed(std::string_view bytes);
  /// The response is there, or will not come.
  [[nodiscard]] bool done() const { return outcome_.has_value(); }
  /// At the end. A status other than 200 is no answer, unless JSON-RPC says what it means.
  [[nodiscard]] boost::system::result<message, no_answer> take();

 private:
  int status_;
  bool events_;
  std::string id_;
  std::size_t most_;
  std::size_t seen_ = 0;
  std::string body_;
  event_splitter splitter_;
  std::optional<boost::system::result<message, no_answer>> outcome_;
};

/// Reads until the response to `id` has come, at most `most` bytes.
[[nodiscard]] boost::asio::awaitable<boost::system::result<message, no_answer>> read_response(
    http::exchange& from, std::string id, std::size_t most);

}  // namespace workspaced::mcp

namespace boost::system {
[[noreturn]] void throw_exception_from_error(const workspaced::mcp::no_answer& error, const source_location&);
}  // namespace boost::system
