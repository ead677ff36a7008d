#include "logs/directories.hpp"

#include <sys/stat.h>

#include <cerrno>

namespace workspaced::logs {

result<void> make_directories(const std::string& directory, mode_t mode) {
  if (::mkdir(directory.c_str(), mode) == 0) return {};
  if (errno == ENOENT && directory.find('/', 1) != std::string::npos) {
    if (auto above = make_directories(directory_of(directory), mode); !above) return above;
    if (::mkdir(directory.c_str(), mode) == 0) return {};
  }
  const int error = errno;
  struct stat found {};
  if (error == EEXIST && ::stat(directory.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) return {};
  return failure{"create directory " + directory, error == EEXIST ? ENOTDIR : error};
}

std::string directory_of(const std::string& file) {
  const std::size_t slash = file.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : file.substr(0, slash);
}

}  // namespace workspaced::logs
