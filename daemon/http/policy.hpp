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
  std::vector<std::string>
      allowed_hosts;       ///< besides localhost, 127.0.0.1 and [::1]; any port unless one is given
  std::string read_token;  ///< empty: nobody has it
  std::string admin_token;
  uid_t owner = 0;  ///< whose processes may do everything on the Unix socket, besides root's
};

/// Refuses what a web page could have sent after DNS rebinding: on TCP, Host and (if present) Origin must
/// name this machine or an allowed host, else 403; an absent, repeated or malformed Host is a 400 (HTTP/1.0
/// may leave it out).
[[nodiscard]] std::optional<response> refuse_stranger(const policy& rules, const request& what,
                                                      bool http_1_0);

/// What the peer may do: everything from the Unix socket as the owner or root, else what its bearer token
/// says. A wrong token grants what none does, so that open routes never fail on it.
[[nodiscard]] access granted_to(const policy& rules, const request& what);

/// "[::1]:9001" -> "[::1]" and "9001"; empty when malformed.
struct host_and_port {
  std::string host;
  std::string port;
};
[[nodiscard]] std::optional<host_and_port> split_host(std::string_view text);

}  // namespace workspaced::http
