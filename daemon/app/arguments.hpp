// The command line of `workspaced`.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace workspaced::app {

struct run_command {
  std::string config;             ///< --config; empty: the search order
  std::string socket;             ///< --socket; empty: the rule of os/socket_path.hpp
  std::vector<std::string> argv;  ///< all of it, for the program that we may become
};
struct check_command {
  std::string config;
};
/// `-- command args…`
struct single_command {
  std::vector<std::string> argv;
};
/// `--hold SOCKET`: not for people (holder/program.hpp)
struct hold_command {
  std::string socket;
};
/// Print and leave: --help and --version.
struct print_command {
  std::string text;
};
struct usage_error {
  std::string message;
};

using command =
    std::variant<run_command, check_command, single_command, hold_command, print_command, usage_error>;

[[nodiscard]] command parse(int argc, const char* const* argv);

}  // namespace workspaced::app
