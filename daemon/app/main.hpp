// The program `workspaced`.
#pragma once

namespace workspaced::app {

/// Runs until a signal or a request ends it; the result is the process's exit code (workspaced --help).
[[nodiscard]] int main(int argc, char** argv);

}  // namespace workspaced::app
