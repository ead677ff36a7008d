#include "os/files.hpp"

#include "os/process_facts.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace workspaced::os {
namespace {

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

boost::system::error_code write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return last_error();
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

boost::system::error_code make_directories(const std::string& path, mode_t mode) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (!part.empty() && ::mkdir(part.c_str(), mode) != 0 && errno != EEXIST) return last_error();
    if (end == std::string::npos) break;
  }
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return last_error();
  if (!S_ISDIR(facts.st_mode)) return {ENOTDIR, boost::system::system_category()};
  return {};
}

boost::system::error_code write_whole(const std::string& path, std::string_view content, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  const unique_fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return last_error();
  boost::system::error_code error = write_all(fd.get(), content);
  if (!error && (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0)) error = last_error();
  if (!error && ::rename(temporary.c_str(), path.c_str()) != 0) error = last_error();
  if (error) {
    ::unlink(temporary.c_str());
    return error;
  }
  const unique_fd directory(::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory) ::fsync(directory.get());
  return {};
}

boost::system::result<std::string> read_whole(const std::string& path, std::size_t limit) {
  const unique_fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return last_error();
  std::string content;
  char block[16 * 1024];
  for (;;) {
    const ssize_t n = ::read(fd.get(), block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return last_error();
    if (n == 0) return content;
    content.append(block, static_cast<std::size_t>(n));
    if (content.size() > limit) return boost::system::error_code(EFBIG, boost::system::system_category());
  }
}

namespace {

constexpr auto patience_with_a_dead_holder = std::chrono::seconds(2);
constexpr auto between_looks = std::chrono::milliseconds(2);

bool is_file(const unique_fd& open, const std::string& path) {
  struct stat ours {};
  struct stat named {};
  return open && ::fstat(open.get(), &ours) == 0 && ::stat(path.c_str(), &named) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

bool has_died(const std::string& pid) {
  const auto place = place_of(static_cast<pid_t>(std::strtol(pid.c_str(), nullptr, 10)));
  return !place || place->state == 'Z' || place->state == 'X';
}

}  // namespace

boost::system::result<unique_fd, std::string> lock_directory(const std::string& directory, unique_fd held) {
  const std::string path = directory + "/lock";
  if (is_file(held, path) && ::flock(held.get(), LOCK_EX | LOCK_NB) == 0) return held;
  unique_fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return "cannot open " + path + ": " + std::strerror(errno);
  // A daemon that is killed while it starts a process leaves copies of its descriptors to a child that has
  // not come to its program yet: nobody whom one would have to wait for long.
  const auto deadline = std::chrono::steady_clock::now() + patience_with_a_dead_holder;
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return "cannot lock " + path + ": " + std::strerror(errno);
    const auto holder = read_whole(path, 64);
    if (holder && !holder->empty() && has_died(*holder) && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(between_looks);
      continue;
    }
    return "another daemon" + (holder && !holder->empty() ? " (pid " + *holder + ")" : std::string()) +
           " manages " + directory + "; stop it with workspacectl down, or choose another [daemon] state_dir";
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(fd.get(), 0) != 0 || write_all(fd.get(), pid))
    return "cannot write " + path + ": " + std::strerror(errno);
  return fd;
}

boost::system::result<pipe_ends> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return boost::system::error_code(errno, boost::system::system_category());
  return pipe_ends{unique_fd(ends[0]), unique_fd(ends[1])};
}

}  // namespace workspaced::os
