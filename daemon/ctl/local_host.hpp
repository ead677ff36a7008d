// The machine that workspacectl runs on.
#pragma once

#include "ctl/host.hpp"

#include <string>

namespace workspaced::ctl {

class local_host : public host {
 public:
  /// `socket` is where a daemon that is started shall listen; `daemon` tells whether it answers.
  local_host(std::string socket, transport& daemon) : socket_(std::move(socket)), daemon_(daemon) {}

  result<checked_file> check(const std::string& file) override;
  result<int> start_daemon(const checked_file& config, clock::time_point deadline) override;
  bool wait_gone(int pid, clock::time_point deadline) override;

 private:
  std::string socket_;
  transport& daemon_;
};

}  // namespace workspaced::ctl
