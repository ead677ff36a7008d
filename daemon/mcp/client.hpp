// The client's side of Streamable HTTP: one message as a POST, one answer from what comes back.
#pragma once

#include "http/client.hpp"
#include "mcp/message.hpp"
#include "mcp/protocol.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <string>

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

/// Reads until the response to `id` has come, from JSON or an event stream of at most `most` bytes. A status
/// other than 200 is no answer, but for errors that JSON-RPC has a message for.
[[nodiscard]] boost::asio::awaitable<boost::system::result<message, no_answer>> read_response(
    http::exchange& from, std::string id, std::size_t most);

}  // namespace workspaced::mcp

namespace boost::system {
[[noreturn]] void throw_exception_from_error(const workspaced::mcp::no_answer& error, const source_location&);
}  // namespace boost::system
