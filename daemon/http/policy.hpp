// Who may talk to us, and how much they may do. Pure.
#pragma once

#include "http/message.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::http {

struct policy {
  /// Hosts besides localhost, 127.0.0.1 and [::1]: "box.example" with any port, "box.example:9001" with that
  /// one.
  std::vector<std::string> allowed_hosts;
  std::string read_token;  ///< empty: nobody has it
  std::string admin_token;
  uid_t owner = 0;  ///< whose processes may do everything on the Unix socket, besides root's
};

/// Refuses what a web page could have sent after DNS rebinding: on TCP, Host and (if present) Origin must
/// name this machine or an allowed host, else 403; an absent, repeated or malformed Host is a 400. HTTP/1.0
/// may leave Host out: no browser does. The Unix socket is out of a web page's reach.
[[nodiscard]] std::optional<response> refuse_stranger(const policy& rules, const request& what,
                                                      bool http_1_0);

/// What the peer may do: everything on the Unix socket for the owner and root, else what its bearer token
/// says (compared in constant time). A wrong token grants what none does, so that open routes never fail on
/// it.
[[nodiscard]] access granted_to(const policy& rules, const request& what);

}  // namespace workspaced::http
