// workspacectl.
#pragma once

namespace workspaced::ctl {

/// The whole program; the result is the process's exit code (ctl/outcome.hpp).
int run(int argc, char** argv);

}  // namespace workspaced::ctl
