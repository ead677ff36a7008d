// What workspacectl needs of the machine it runs on, besides the daemon's socket. A port: tests script it.
#pragma once

#include "ctl/transport.hpp"

#include <string>

namespace workspaced::ctl {

namespace doctor {
struct facts;
}

struct checked_file {
  std::string file;  ///< absolute
  std::size_t services = 0;
  std::string startup_log;  ///< what a daemon says on stderr before it has its own log
};

class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

  /// Reads the configuration (empty: the first of the usual places). The failure's text has every error, one
  /// a line.
  virtual result<checked_file> check(const std::string& file) = 0;

  /// Starts the daemon in the background and returns its pid once its socket answers. A daemon that ends
  /// before is a failure with its exit code and the end of what it wrote.
  virtual result<int> start_daemon(const checked_file& config, clock::time_point deadline) = 0;

  /// False when the process is still there at the deadline.
  virtual bool wait_gone(int pid, clock::time_point deadline) = 0;

  /// Adds to what the daemon has said everything that `doctor` judges, and is back soon after the deadline.
  virtual void look_around(doctor::facts& seen, clock::time_point deadline) = 0;
};

}  // namespace workspaced::ctl
