#include "ctl/local_host.hpp"

#include "config/load.hpp"
#include "ctl/commands.hpp"
#include "ctl/doctor/gather.hpp"
#include "os/files.hpp"
#include "os/spawn.hpp"
#include "os/unique_fd.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

extern char** environ;

namespace workspaced::ctl {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_start = 10s;
constexpr auto between_looks = 2ms;  // a start takes about ten
constexpr std::size_t most_early_words = 64 * 1024;

int milliseconds_until(clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left, 0, 60'000));
}

// True when the process of `pidfd` has ended.
bool has_ended(int pidfd, int timeout_ms) {
  pollfd watched{pidfd, POLLIN, 0};
  return ::poll(&watched, 1, timeout_ms) > 0;
}

// One `up` at a time starts a daemon: the lock is on a file of its own, because the daemon inherits the
// descriptor of the other one, and a lock of flock(2) lives as long as any copy of its descriptor.
result<os::unique_fd> lock(const std::string& file, clock::time_point deadline) {
  os::unique_fd held(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!held) return failure{exit_code::failed, "cannot open " + file + ": " + std::strerror(errno)};
  while (::flock(held.get(), LOCK_EX | LOCK_NB) != 0) {
    if (clock::now() >= deadline)
      return failure{exit_code::timed_out, "time ran out: another `up` holds " + file};
    std::this_thread::sleep_for(between_looks);
  }
  return held;
}

// How a daemon ended that has not come up, with its exit code where it means the same to us.
failure early_end(pid_t pid, const std::string& log) {
  int status = 0;
  static_cast<void>(::waitpid(pid, &status, 0));
  auto words = os::read_whole(log, most_early_words);
  std::string text = words ? std::move(*words) : "see " + log;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.empty()) text = "it said nothing";
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (code == static_cast<int>(exit_code::configuration)) return {exit_code::configuration, text};
  return {exit_code::failed, "the daemon has ended with code " + std::to_string(code) + ":\n" + text};
}

}  // namespace

result<checked_file> local_host::check(const std::string& file) {
  auto loaded = config::load(config::options_of_process(file));
  if (!loaded.config) {
    std::string text;
    for (const auto& each : loaded.errors) (text += text.empty() ? "" : "\n") += config::to_string(each);
    return failure{exit_code::configuration, text};
  }
  return checked_file{loaded.config->file, loaded.config->services.size(),
                      loaded.config->daemon.state_dir + "/startup.log"};
}

result<int> local_host::start_daemon(const checked_file& config, clock::time_point deadline) {
  deadline = std::min(deadline, clock::now() + longest_start);
  const auto directory = std::filesystem::path(config.startup_log).parent_path().string();
  if (const auto error = os::make_directories(directory, 0700)) {
    return failure{exit_code::failed, "cannot make the directory " + directory + ": " + error.message()};
  }
  const auto locked = lock(directory + "/up.lock", deadline);
  if (!locked) return locked.error();
  const auto already = ask_fleet(daemon_);
  if (already) return already->daemon.pid;

  const os::unique_fd log(
      ::open(config.startup_log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
  if (!log)
    return failure{exit_code::failed, "cannot open " + config.startup_log + ": " + std::strerror(errno)};
  os::spawn_request request;
  request.argv = {program_, "run", "--config", config.file, "--socket", socket_};
  for (char** it = environ; *it != nullptr; ++it) request.environment.emplace_back(*it);
  request.stdout_fd = request.stderr_fd = log.get();
  const auto started = os::spawn(request);
  if (!started) return failure{exit_code::failed, os::describe(started.error())};

  while (clock::now() < deadline) {
    if (has_ended(started->pidfd.get(), static_cast<int>(between_looks.count()))) {
      return early_end(started->pid, config.startup_log);
    }
    const auto answer = daemon_.request("GET", "/livez", {});
    if (answer) return started->pid;
    if (answer.error().code != exit_code::no_daemon) return answer.error();
  }
  return failure{exit_code::timed_out, "time ran out: the daemon (pid " + std::to_string(started->pid) +
                                           ") does not answer on " + socket_ + "; see " + config.startup_log};
}

bool local_host::wait_gone(int pid, clock::time_point deadline) {
  if (pid <= 0) return true;
  const os::unique_fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return errno == ESRCH;
  do {
    if (has_ended(process.get(), milliseconds_until(deadline))) return true;
  } while (clock::now() < deadline);
  return false;
}

void local_host::look_around(doctor::facts& seen, clock::time_point deadline) {
  seen.socket.path = socket_;
  doctor::look_around(seen, deadline);
}

}  // namespace workspaced::ctl
