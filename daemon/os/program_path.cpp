#include "os/program_path.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>

namespace workspaced::os {
namespace {

constexpr std::string_view usual_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string_view value_of(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string& entry : environment) {
    if (entry.starts_with(name) && entry.size() > name.size() && entry[name.size()] == '=') {
      return std::string_view(entry).substr(name.size() + 1);
    }
  }
  return {};
}

bool is_file(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
}

}  // namespace

boost::system::result<std::string, spawn_error> find_program(const std::string& name,
                                                             const std::vector<std::string>& environment) {
  if (name.empty()) return spawn_error{spawn_step::lookup, EINVAL, "(empty command)"};
  if (name.find('/') != std::string::npos) return name;
  std::string_view path = value_of(environment, "PATH");
  if (path.empty()) path = usual_path;
  std::string forbidden;
  while (!path.empty()) {
    const auto end = path.find(':');
    const std::string_view directory = path.substr(0, end);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    if (!directory.starts_with('/')) continue;
    std::string file = std::string(directory) + "/" + name;
    if (!is_file(file)) continue;
    if (::access(file.c_str(), X_OK) == 0) return file;
    if (forbidden.empty()) forbidden = std::move(file);
  }
  // As execvp(3): a file that may not be executed does not end the search, but it is the better explanation.
  if (!forbidden.empty()) return spawn_error{spawn_step::lookup, EACCES, forbidden};
  return spawn_error{spawn_step::lookup, ENOENT, name};
}

// A hard link called workspacectl would start workspacectl again; the kernel's name for it is not called
// that.
std::string own_program() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  const bool usable = !error && path.filename() != "workspacectl" && std::filesystem::exists(path, error);
  return usable ? path.string() : "/proc/self/exe";
}

}  // namespace workspaced::os
