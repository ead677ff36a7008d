#include "os/socket_path.hpp"

#include "os/files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace workspaced::os {
namespace {

std::string fallback_directory() { return "/tmp/workspaced-" + std::to_string(::geteuid()); }

}  // namespace

std::string socket_path(const std::string& chosen, const environment_lookup& environment) {
  if (!chosen.empty()) return chosen;
  if (std::string set = environment("WORKSPACED_SOCKET"); !set.empty()) return set;
  if (std::string runtime = environment("XDG_RUNTIME_DIR"); !runtime.empty())
    return runtime + "/workspaced.sock";
  return fallback_directory() + "/control.sock";
}

boost::system::result<void, std::string> prepare_socket_directory(const std::string& socket) {
  const auto slash = socket.rfind('/');
  if (slash == std::string::npos || slash == 0) return {};
  const std::string directory = socket.substr(0, slash);
  if (const auto error = make_directories(directory, 0700)) {
    return "cannot make the directory " + directory + ": " + error.message();
  }
  return directory == fallback_directory() ? check_ours_alone(directory)
                                           : boost::system::result<void, std::string>();
}

boost::system::result<void, std::string> check_socket_directory(const std::string& socket) {
  const std::string directory = fallback_directory();
  if (socket != directory + "/control.sock" || ::access(directory.c_str(), F_OK) != 0) return {};
  return check_ours_alone(directory);
}

boost::system::result<void, std::string> check_ours_alone(const std::string& directory) {
  struct stat facts {};
  if (::lstat(directory.c_str(), &facts) != 0)
    return "cannot look at " + directory + ": " + std::strerror(errno);
  if (!S_ISDIR(facts.st_mode) || facts.st_uid != ::geteuid() || (facts.st_mode & 077) != 0) {
    return directory + " is not a directory of ours alone; remove it, or choose another socket with --socket";
  }
  return {};
}

}  // namespace workspaced::os
