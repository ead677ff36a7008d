#include "ctl/doctor/paths.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>

namespace workspaced::ctl::doctor {
namespace {

namespace fs = std::filesystem;

/// proc(5) writes blanks and backslashes in octal: "\040".
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string_view field(std::string_view line, int number) {
  for (; number > 0; --number) line.remove_prefix(std::min(line.find(' ') + 1, line.size()));
  return line.substr(0, line.find(' '));
}

bool is_below(const std::string& path, const std::string& directory) {
  if (directory == "/") return true;
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

std::optional<room> room_at(const std::string& path) {
  struct statvfs found {};
  if (::statvfs(path.c_str(), &found) != 0) return std::nullopt;
  const auto block = static_cast<double>(found.f_frsize);
  const auto used = static_cast<double>(found.f_blocks - found.f_bfree) * block;
  const auto free = static_cast<double>(found.f_bavail) * block;
  return room{used + free, free, static_cast<double>(found.f_files), static_cast<double>(found.f_favail)};
}

std::string nearest_existing(fs::path path) {
  std::error_code error;
  while (path.has_relative_path() && !fs::exists(path, error)) path = path.parent_path();
  const auto real = fs::canonical(path, error);
  return error ? "/" : real.string();
}

}  // namespace

std::string mount_point_of(const std::string& path, std::string_view mountinfo) {
  std::string longest = "/";
  while (!mountinfo.empty()) {
    const auto line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(line.size() + 1, mountinfo.size()));
    const std::string point = unescaped(field(line, 4));
    if (point.size() > longest.size() && is_below(path, point)) longest = point;
  }
  return longest;
}

path_facts look_at(const std::string& path, std::string_view mountinfo) {
  path_facts out;
  out.path = path;
  if (path.empty()) return out;
  struct stat facts {};
  out.link = ::lstat(path.c_str(), &facts) == 0 && S_ISLNK(facts.st_mode);
  out.there = ::stat(path.c_str(), &facts) == 0;
  const std::string held_by = nearest_existing(path);
  if (out.there) {
    out.directory = S_ISDIR(facts.st_mode);
    out.owner = facts.st_uid;
    out.mode = facts.st_mode & 07777;
    out.writable = ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
    out.real = held_by;
  }
  out.mount_point = mount_point_of(held_by, mountinfo);
  out.space = room_at(held_by);
  return out;
}

}  // namespace workspaced::ctl::doctor
