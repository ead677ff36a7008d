// Where the daemon and workspacectl meet.
#pragma once

#include <boost/system/result.hpp>

#include <functional>
#include <string>

namespace workspaced::os {

/// A look-up like getenv(3); empty when unset.
using environment_lookup = std::function<std::string(const std::string&)>;

/// The control socket: `chosen` if given, $WORKSPACED_SOCKET, $XDG_RUNTIME_DIR/workspaced.sock, or
/// /tmp/workspaced-<uid>/control.sock.
[[nodiscard]] std::string socket_path(const std::string& chosen, const environment_lookup& environment);

/// Makes the directory of the socket if it is missing (0700). The one below /tmp must be ours alone: anybody
/// may have made it before us. Fails with a sentence.
[[nodiscard]] boost::system::result<void, std::string> prepare_socket_directory(const std::string& socket);

/// For the side that connects: fails with a sentence when the directory below /tmp is somebody else's trap. A
/// missing one is fine: then no daemon runs.
[[nodiscard]] boost::system::result<void, std::string> check_socket_directory(const std::string& socket);

/// Fails with a sentence unless this is a directory, no link to one, that we own and nobody else may enter.
[[nodiscard]] boost::system::result<void, std::string> check_ours_alone(const std::string& directory);

}  // namespace workspaced::os
