// The machine that workspacectl runs on.
#pragma once

#include "ctl/host.hpp"
#include "os/program_path.hpp"

#include <string>
#include <utility>

namespace workspaced::ctl {

class local_host : public host {
 public:
  /// `socket` is where a daemon that is started shall listen; `daemon` tells whether it answers. `program` is
  /// started as the daemon.
  local_host(std::string socket, transport& daemon, std::string program = os::own_program())
      : socket_(std::move(socket)), daemon_(daemon), program_(std::move(program)) {}

  result<checked_file> check(const std::string& file) override;
  result<int> start_daemon(const checked_file& config, clock::time_point deadline) override;
  bool wait_gone(int pid, clock::time_point deadline) override;
  void look_around(doctor::facts& seen, clock::time_point deadline) override;

 private:
  std::string socket_;
  transport& daemon_;
  std::string program_;
};

}  // namespace workspaced::ctl
