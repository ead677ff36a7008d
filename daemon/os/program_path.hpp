// Which file a command means.
#pragma once

#include "os/spawn_error.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <vector>

namespace workspaced::os {

/// The file to execute for argv[0] = `name`. A name with a slash is taken as it is: the kernel resolves it,
/// from the child's working directory. Any other is looked up in the PATH of `environment` ("NAME=value"), or
/// in a usual one when it is unset. Directories of PATH that are not absolute are passed over: relative to
/// which directory?
[[nodiscard]] boost::system::result<std::string, spawn_error> find_program(
    const std::string& name, const std::vector<std::string>& environment);

/// The file that we are, to start it again as the daemon: never under the name `workspacectl`, by which it
/// would be the command line.
[[nodiscard]] std::string own_program();

}  // namespace workspaced::os
