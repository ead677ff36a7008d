#include "ctl/doctor/programs.hpp"

#include "os/program_path.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace workspaced::ctl::doctor {
namespace {

constexpr std::size_t most_words = 64 * 1024;

std::string content(const os::unique_fd& file) {
  std::string text(most_words, '\0');
  const auto size = ::pread(file.get(), text.data(), text.size(), 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

/// "https://user:password@host/" without the middle.
std::string without_logins(std::string text) {
  for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at)) {
    at += 3;
    const auto end = text.find_first_of("@/ \n'\"", at);
    if (end != std::string::npos && text[end] == '@') text.erase(at, end + 1 - at);
  }
  return text;
}

}  // namespace

std::string find_in_path(const std::string& name, const std::string& path) {
  const auto found = os::find_program(name, {"PATH=" + path});
  return found ? *found : std::string();
}

asked_program::asked_program(std::vector<std::string> argv, std::vector<std::string> environment)
    : out_(::memfd_create("out", MFD_CLOEXEC)), err_(::memfd_create("err", MFD_CLOEXEC)) {
  os::spawn_request request;
  request.argv = std::move(argv);
  request.environment = std::move(environment);
  request.stdout_fd = out_.get();
  request.stderr_fd = err_.get();
  if (auto started = os::spawn(request)) process_ = std::move(*started);
}

asked_program::~asked_program() {
  if (process_.pid <= 0) return;
  ::kill(-process_.pid, SIGKILL);
  ::waitpid(process_.pid, nullptr, 0);
}

program_end asked_program::wait(clock::time_point deadline) {
  if (process_.pid <= 0) return {};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
  pollfd watched{process_.pidfd.get(), POLLIN, 0};
  if (::poll(&watched, 1, static_cast<int>(std::max<std::chrono::milliseconds::rep>(left, 0))) <= 0)
    return {program_end::how::ran_out_of_time, -1, {}, {}};
  int status = 0;
  // Its group may outlive it: the number is ours until it is reaped.
  ::kill(-process_.pid, SIGKILL);
  ::waitpid(process_.pid, &status, 0);
  process_.pid = 0;
  return {program_end::how::ended, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          content(out_), without_logins(content(err_))};
}

}  // namespace workspaced::ctl::doctor
