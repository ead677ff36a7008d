// Messages from one era of the protocol to the other. Pure.
//
// What exists in one era only is not invented in the other: a modern client gets no requests of the server
// (its server is told that it can answer none), a legacy client cannot answer a request for input, and hears
// so as an error.
#pragma once

#include "mcp/message.hpp"
#include "mcp/protocol.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace workspaced::door {

/// The request of a legacy client, for a modern server: with version, capabilities (none) and client in
/// `_meta`.
[[nodiscard]] std::string for_modern_server(const mcp::message& request);

/// The request of a modern client, for a session with a legacy server: without what went into `_meta`, and
/// under an id and a progress token (if it has one) that are ours: others use the session, too.
[[nodiscard]] std::string for_legacy_server(const mcp::message& request, std::string_view id);

/// A message of the server to a request, for the client that sent it: with the client's id and, in
/// notifications of progress, its token (empty: it has none). Nothing when the client must not see it: a
/// request of the server.
[[nodiscard]] std::optional<std::string> for_client(const mcp::message& from_server, mcp::era server,
                                                    mcp::era client, std::string_view id,
                                                    std::string_view progress_token);

/// JSON text of params._meta.progressToken; empty when there is none.
[[nodiscard]] std::string_view progress_token(const mcp::message& request);

}  // namespace workspaced::door
