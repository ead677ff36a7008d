// What the protocol demands of one POST, before anybody looks at what it asks for. Pure.
#pragma once

#include "http/message.hpp"
#include "mcp/message.hpp"
#include "mcp/protocol.hpp"

#include <string>
#include <variant>

namespace workspaced::mcp {

/// A message that may be answered.
struct incoming {
  mcp::message message;
  mcp::era era = mcp::era::legacy;
  /// Of the header, or of `_meta`; a legacy client that sends none speaks 2025-03-26 (2025-06-18,
  /// Transports).
  std::string version;
};

/// 400, 406, 415 or 404 with a JSON-RPC error where the protocol has one. Legacy: media types, version.
/// Modern also:
/// `_meta` complete, the headers Mcp-Method and Mcp-Name as the body has it, no method that went with the
/// sessions.
[[nodiscard]] std::variant<incoming, http::response> read_post(const http::request& what);

/// All versions that are spoken here, oldest first: a JSON array.
[[nodiscard]] std::string supported_versions();

/// A JSON-RPC error as an HTTP response.
[[nodiscard]] http::response refuse(int status, std::string_view id, const rpc_error& error);

/// The status that a modern client expects with an error: 404 for an unknown method, 400 for what its message
/// did wrong, else 200. Legacy clients always get 200.
[[nodiscard]] int status_of(era client, int code);

/// The value of Mcp-Name as it was before it was encoded for a header ("=?base64?…?="); nothing when it is
/// malformed.
[[nodiscard]] std::optional<std::string> decode_name(std::string_view value);
/// The other way: plain where a header can carry it.
[[nodiscard]] std::string encode_name(std::string_view name);

/// The param that Mcp-Name repeats: "name" or "uri"; empty for methods without.
[[nodiscard]] std::string_view named_param(std::string_view method);

/// The client reads event streams / JSON (by Accept; an absent one allows everything).
[[nodiscard]] bool accepts(const http::request& what, std::string_view media_type);

}  // namespace workspaced::mcp
