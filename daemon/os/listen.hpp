// Listening sockets and what comes out of them, as plain descriptors: non-blocking and close-on-exec, which
// Asio's own acceptors are not.
#pragma once

#include "os/unique_fd.hpp"

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace workspaced::os {

/// Listens on a numeric address. Fails with a sentence.
[[nodiscard]] boost::system::result<unique_fd, std::string> listen_tcp(const std::string& host,
                                                                       std::uint16_t port);

/// The port that the kernel chose, for port 0.
[[nodiscard]] std::uint16_t port_of(const unique_fd& listening);

/// Listens on a Unix socket that only its owner may open (0600). A file that nobody answers on is replaced.
[[nodiscard]] boost::system::result<unique_fd, std::string> listen_unix(const std::string& path);

struct accepted {
  unique_fd fd;
  int family = 0;
};
/// The next waiting connection; would_block when there is none.
[[nodiscard]] boost::system::result<accepted> accept(int listening);

/// The user at the other end of a connected Unix socket (SO_PEERCRED, unix(7)); nobody's number when unknown.
[[nodiscard]] uid_t peer_uid(int connected);
/// The process there, or who began to listen when it is a listening end; 0 when unknown.
[[nodiscard]] pid_t peer_pid(int connected);

}  // namespace workspaced::os
