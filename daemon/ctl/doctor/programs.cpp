#include "ctl/doctor/programs.hpp"

#include "os/program_path.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

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

/// Who does not die of SIGKILL, on a disk that hangs, is left to the first process of the machine.
void end_group(pid_t leader) {
  constexpr auto longest = std::chrono::milliseconds(100);
  ::kill(-leader, SIGKILL);
  for (const auto deadline = clock::now() + longest; clock::now() < deadline;) {
    const auto reaped = ::waitpid(-leader, nullptr, WNOHANG);
    if (reaped < 0) return;
    if (reaped == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

std::string find_in_path(const std::string& name, const std::string& path) {
  const auto found = os::find_program(name, {"PATH=" + path});
  return found ? *found : std::string();
}

asked_program::asked_program(std::vector<std::string> argv, std::vector<std::string> environment)
    : out_(::memfd_create("out", MFD_CLOEXEC)), err_(::memfd_create("err", MFD_CLOEXEC)) {
  // git does not wait for all of its helpers, and not every container has a first process that reaps.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  os::spawn_request request;
  request.argv = std::move(argv);
  request.environment = std::move(environment);
  request.stdout_fd = out_.get();
  request.stderr_fd = err_.get();
  if (auto started = os::spawn(request)) process_ = std::move(*started);
}

asked_program::~asked_program() {
  if (process_.pid > 0) end_group(process_.pid);
}

program_end asked_program::wait(clock::time_point deadline) {
  if (process_.pid <= 0) return {};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
  pollfd watched{process_.pidfd.get(), POLLIN, 0};
  if (::poll(&watched, 1, static_cast<int>(std::max<std::chrono::milliseconds::rep>(left, 0))) <= 0)
    return {program_end::how::ran_out_of_time, -1, {}, {}};
  siginfo_t how{};
  ::waitid(P_PID, static_cast<id_t>(process_.pid), &how, WEXITED | WNOWAIT);
  end_group(std::exchange(process_.pid, 0));
  return {program_end::how::ended, how.si_code == CLD_EXITED ? how.si_status : 128 + how.si_status,
          content(out_), without_logins(content(err_))};
}

}  // namespace workspaced::ctl::doctor
