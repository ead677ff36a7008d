// The holder's own program: `workspaced --hold SOCKET`, started by the daemon and by nobody else.
#pragma once

#include <string>

namespace workspaced::holder {

/// Its descriptor 0 is the connection to the daemon that started it; later daemons come to the socket. Leaves
/// when a daemon says so, and when nobody can come any more because the socket is gone. Returns the exit
/// code.
[[nodiscard]] int hold(const std::string& socket);

}  // namespace workspaced::holder
