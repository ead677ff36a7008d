#include "os/process_tree.hpp"

#include "os/files.hpp"
#include "os/unique_fd.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace workspaced::os {
namespace {

constexpr std::size_t most_environment = 4U * 1024 * 1024;

/// Fields 3 to 22 of /proc/PID/stat: behind the name, which may contain anything.
struct stat_line {
  core::process_row row;
  char state = 'X';
};
std::optional<stat_line> read_stat(pid_t pid) {
  const auto text = read_whole("/proc/" + std::to_string(pid) + "/stat", 4096);
  if (!text) return std::nullopt;
  const auto end = text->rfind(')');
  if (end == std::string::npos) return std::nullopt;
  stat_line found;
  found.row.pid = pid;
  unsigned long long started = 0;
  const int read =
      std::sscanf(text->c_str() + end + 1,
                  " %c %d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                  &found.state, &found.row.parent, &found.row.session, &started);
  if (read != 4) return std::nullopt;
  found.row.started = started;
  return found;
}

std::optional<core::process_row> read_row(pid_t pid) {
  const auto found = read_stat(pid);
  if (!found || found->state == 'Z' || found->state == 'X') return std::nullopt;
  return found->row;
}

/// What follows `prefix` in the entry of the block that begins with it.
std::optional<std::string> entry_after(const std::string& block, const std::string& prefix) {
  std::size_t at = 0;
  if (!block.starts_with(prefix)) {
    at = block.find('\0' + prefix);
    if (at == std::string::npos) return std::nullopt;
    ++at;
  }
  at += prefix.size();
  return block.substr(at, block.find('\0', at) - at);
}

}  // namespace

std::vector<core::process_row> read_processes() {
  std::vector<core::process_row> all;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc", error), end; !error && at != end;
       at.increment(error)) {
    const pid_t pid = static_cast<pid_t>(std::atoi(at->path().filename().c_str()));
    if (pid <= 0) continue;
    if (const auto row = read_row(pid)) all.push_back(*row);
  }
  return all;
}

bool is_living(pid_t pid) { return read_row(pid).has_value(); }

bool is_leaving(pid_t pid) {
  const std::string link = "/proc/" + std::to_string(pid) + "/exe";
  char target = 0;
  if (::readlink(link.c_str(), &target, 1) >= 0 || errno != ENOENT) return false;
  const auto found = read_stat(pid);
  return found && found->state != 'D';
}

std::optional<core::process_row> row_of(pid_t pid) {
  const auto found = read_stat(pid);
  if (!found) return std::nullopt;
  return found->row;
}

std::vector<marked_process> find_marked(const std::string& prefix) {
  std::vector<marked_process> all;
  for (const core::process_row& each : read_processes()) {
    const auto text = read_whole("/proc/" + std::to_string(each.pid) + "/environ", most_environment);
    if (!text) continue;
    if (auto mark = entry_after(*text, prefix)) all.push_back({each, std::move(*mark)});
  }
  return all;
}

std::vector<pid_t> children_of_ours() {
  std::vector<pid_t> all;
  const std::string self = std::to_string(::getpid());
  if (const auto text = read_whole("/proc/self/task/" + self + "/children", most_environment)) {
    const char* at = text->c_str();
    for (char* end = nullptr; const long pid = std::strtol(at, &end, 10); at = end)
      all.push_back(static_cast<pid_t>(pid));
    return all;
  }
  for (const core::process_row& each : read_processes()) {
    if (each.parent == ::getpid()) all.push_back(each.pid);
  }
  return all;
}

bool has_in_environment(pid_t pid, const std::string& entry) {
  const auto text = read_whole("/proc/" + std::to_string(pid) + "/environ", most_environment);
  if (!text) return false;
  const std::string wanted = entry + '\0';
  return text->starts_with(wanted) || text->find('\0' + wanted) != std::string::npos;
}

bool signal_process(const core::process_row& which, int signal) {
  const unique_fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, which.pid, 0)));
  if (!pidfd) return false;
  // From here on the number is its own: who has it now is who was opened.
  const auto now = read_row(which.pid);
  if (!now || now->started != which.started) return false;
  return ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0) == 0;
}

}  // namespace workspaced::os
