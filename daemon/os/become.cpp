#include "os/become.hpp"

#include "os/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace workspaced::os {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (const std::string& each : texts) all.push_back(const_cast<char*>(each.c_str()));
  all.push_back(nullptr);
  return all;
}

}  // namespace

int become(const std::string& program, const std::vector<std::string>& argv,
           std::vector<std::string> environment, const unique_fd& kept) {
  environment.push_back(std::string(handover) + "=" + std::to_string(kept.get()));
  const auto arguments = pointers(argv);
  const auto variables = pointers(environment);
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  lower_fd_limit();
  ::fcntl(kept.get(), F_SETFD, 0);
  ::execve(program.c_str(), arguments.data(), variables.data());
  const int error = errno;
  ::fcntl(kept.get(), F_SETFD, FD_CLOEXEC);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return error;
}

unique_fd handed_over(const std::string& text) {
  const int fd = std::atoi(text.c_str());
  if (fd <= STDERR_FILENO || ::fcntl(fd, F_GETFD) < 0) return {};
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  return unique_fd(fd);
}

void let_signals_through() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

std::string program_on_disk() {
  std::error_code error;
  std::string path = std::filesystem::read_symlink("/proc/self/exe", error).string();
  constexpr std::string_view gone = " (deleted)";  // proc(5): the file that we run is no longer there
  if (path.ends_with(gone)) path.resize(path.size() - gone.size());
  return path;
}

}  // namespace workspaced::os
