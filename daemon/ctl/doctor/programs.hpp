// Programs of others, asked side by side and never for long.
#pragma once

#include "ctl/doctor/facts.hpp"
#include "ctl/transport.hpp"
#include "os/spawn.hpp"

#include <map>
#include <string>
#include <vector>

namespace workspaced::ctl::doctor {

/// The file that a shell would start by this name; empty: none in `path` (as $PATH).
[[nodiscard]] std::string find_in_path(const std::string& name, const std::string& path);

/// A program that runs. What it writes is kept in memory until somebody asks for it.
class asked_program {
 public:
  /// Starts it with nothing on its standard input and `environment` ("NAME=value").
  asked_program(std::vector<std::string> argv, std::vector<std::string> environment);
  asked_program(const asked_program&) = delete;
  asked_program& operator=(const asked_program&) = delete;
  /// Kills what has not ended, with all that it has started.
  ~asked_program();

  /// Waits for its end, until the deadline. Names and passwords in addresses are taken out of what it said.
  [[nodiscard]] program_end wait(clock::time_point deadline);

 private:
  os::unique_fd out_;
  os::unique_fd err_;
  os::spawned_process process_;
};

}  // namespace workspaced::ctl::doctor
