#include "os/spawn.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string_view>

// The child runs on its own stack but in our memory until it execs: what AddressSanitizer writes into the shadow of that
// stack would stay behind.
#define WORKSPACED_IN_CHILD __attribute__((no_sanitize("address", "undefined")))

namespace workspaced::os {
namespace {

std::optional<rlimit> inherited_limit;

/// What the child needs, prepared by the parent so that the child allocates nothing, and what it answers.
struct child_plan {
  const char* file = nullptr;
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  const char* working_dir = nullptr;
  int descriptors[3] = {-1, -1, -1};
  const rlimit* limit = nullptr;

  // Written by the child: CLONE_VM makes this our memory, CLONE_VFORK makes us wait for it.
  volatile spawn_step failed_step = spawn_step::exec;
  volatile int failed_error = 0;
};

WORKSPACED_IN_CHILD int give_up(child_plan& plan, spawn_step step) {
  plan.failed_step = step;
  plan.failed_error = errno;
  _exit(127);
}

WORKSPACED_IN_CHILD void close_the_rest() {
  if (::syscall(SYS_close_range, 3U, ~0U, 0U) == 0) return;
  // Before Linux 5.9 there is no close_range(2).
  rlimit limit{};
  const int most = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65'536 ? static_cast<int>(limit.rlim_cur) : 65'536;
  for (int fd = 3; fd < most; ++fd) ::close(fd);
}

WORKSPACED_IN_CHILD bool connect_descriptors(child_plan& plan) {
  // First out of the way of 0 to 2, which one of them may be itself.
  for (int& fd : plan.descriptors) {
    if (fd < 3 && (fd = ::fcntl(fd, F_DUPFD, 3)) < 0) return false;
  }
  for (int target = 0; target < 3; ++target) {
    if (::dup2(plan.descriptors[target], target) < 0) return false;
  }
  close_the_rest();
  return true;
}

WORKSPACED_IN_CHILD void reset_signals() {
  // An ignored signal stays ignored across exec; a handled one does not, but ours must not run in the child.
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < 65; ++signal) ::sigaction(signal, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

WORKSPACED_IN_CHILD int in_child(void* argument) {
  child_plan& plan = *static_cast<child_plan*>(argument);
  if (::setsid() < 0) return give_up(plan, spawn_step::session);
  if (!connect_descriptors(plan)) return give_up(plan, spawn_step::descriptors);
  if (plan.limit != nullptr && ::setrlimit(RLIMIT_NOFILE, plan.limit) < 0) return give_up(plan, spawn_step::limits);
  if (plan.working_dir != nullptr && ::chdir(plan.working_dir) < 0) return give_up(plan, spawn_step::chdir);
  reset_signals();
  ::execve(plan.file, plan.argv, plan.environment);
  return give_up(plan, spawn_step::exec);
}

/// A stack for the child, with a page below it that faults.
class child_stack {
 public:
  child_stack() : base_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
    if (base_ != MAP_FAILED) ::mprotect(base_, 4096, PROT_NONE);
  }
  child_stack(const child_stack&) = delete;
  child_stack& operator=(const child_stack&) = delete;
  ~child_stack() {
    if (base_ != MAP_FAILED) ::munmap(base_, size);
  }
  [[nodiscard]] bool usable() const { return base_ != MAP_FAILED; }
  [[nodiscard]] void* top() const { return static_cast<char*>(base_) + size; }

 private:
  static constexpr std::size_t size = 64 * 1024;
  void* base_;
};

/// No handler of ours may run in the child, which shares our memory: all signals wait until it has gone its way.
class all_signals_blocked {
 public:
  all_signals_blocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  all_signals_blocked(const all_signals_blocked&) = delete;
  all_signals_blocked& operator=(const all_signals_blocked&) = delete;
  ~all_signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

std::string_view value_of(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string& entry : environment) {
    if (entry.starts_with(name) && entry.size() > name.size() && entry[name.size()] == '=') {
      return std::string_view(entry).substr(name.size() + 1);
    }
  }
  return {};
}

bool is_executable(const std::string& file) {
  struct stat facts {};
  return ::stat(file.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && ::access(file.c_str(), X_OK) == 0;
}

/// The file to execute. A name with a slash is taken as it is; the kernel resolves it after chdir.
boost::system::result<std::string, spawn_error> look_up(const spawn_request& request) {
  if (request.argv.empty() || request.argv[0].empty()) return spawn_error{spawn_step::lookup, EINVAL, "(empty command)"};
  const std::string& name = request.argv[0];
  if (name.find('/') != std::string::npos) return name;
  std::string_view path = value_of(request.environment, "PATH");
  if (path.empty()) path = "/usr/local/bin:/usr/bin:/bin";
  while (!path.empty()) {
    const auto end = path.find(':');
    std::string file(path.substr(0, end));
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    if (file.empty() || file[0] != '/') continue;      // relative to which directory? a trap, not a feature
    file += "/" + name;
    if (is_executable(file)) return file;
  }
  return spawn_error{spawn_step::lookup, ENOENT, name};
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> list;
  list.reserve(words.size() + 1);
  for (const std::string& word : words) list.push_back(const_cast<char*>(word.c_str()));
  list.push_back(nullptr);
  return list;
}

const char* name_of(spawn_step step) {
  switch (step) {
    case spawn_step::lookup: return "look up";
    case spawn_step::descriptors: return "connect stdin, stdout and stderr of";
    case spawn_step::clone: return "make a process for";
    case spawn_step::session: return "make a session for";
    case spawn_step::limits: return "set the limits of";
    case spawn_step::chdir: return "change to";
    case spawn_step::exec: return "execute";
  }
  return "start";
}

const char* advice(const spawn_error& error) {
  if (error.step == spawn_step::lookup && error.error == ENOENT) return " in PATH: is it installed, and is PATH set?";
  if (error.step == spawn_step::chdir) return "; see working_dir";
  if (error.step != spawn_step::exec) return "";
  switch (error.error) {
    case ENOEXEC: return ": neither a program nor a script that starts with #!";
    case EACCES: return ": is it executable?";
    case ENOENT:
      return ::access(error.subject.c_str(), F_OK) == 0 ? ": the file is there, the interpreter that it names is not" : "";
    default: return "";
  }
}

}  // namespace

std::string describe(const spawn_error& error) {
  return std::string("cannot ") + name_of(error.step) + " " + error.subject + ": " + std::strerror(error.error) + advice(error);
}

void raise_fd_limit() {
  rlimit limit{};
  if (inherited_limit || ::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  inherited_limit = limit;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

boost::system::result<spawned_process, spawn_error> spawn(const spawn_request& request) {
  const auto file = look_up(request);
  if (!file) return file.error();
  const unique_fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const child_stack stack;
  if (!null) return spawn_error{spawn_step::descriptors, errno, "/dev/null"};
  if (!stack.usable()) return spawn_error{spawn_step::clone, ENOMEM, *file};

  const auto argv = pointers(request.argv);
  const auto environment = pointers(request.environment);
  child_plan plan;
  plan.file = file->c_str();
  plan.argv = argv.data();
  plan.environment = environment.data();
  plan.working_dir = request.working_dir.empty() ? nullptr : request.working_dir.c_str();
  plan.descriptors[0] = null.get();
  plan.descriptors[1] = request.stdout_fd < 0 ? null.get() : request.stdout_fd;
  plan.descriptors[2] = request.stderr_fd < 0 ? null.get() : request.stderr_fd;
  plan.limit = inherited_limit ? &*inherited_limit : nullptr;

  int pidfd = -1;
  pid_t pid = -1;
  {
    const all_signals_blocked quiet;
    // vfork's meaning: no copy of the page tables however large we are, and we wait until the child execs or exits.
    pid = ::clone(in_child, stack.top(), CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &plan, &pidfd);
  }
  if (pid < 0) return spawn_error{spawn_step::clone, errno, *file};
  spawned_process child{pid, unique_fd(pidfd)};
  if (plan.failed_error == 0) return child;
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  const bool directory = plan.failed_step == spawn_step::chdir;
  return spawn_error{plan.failed_step, plan.failed_error, directory ? request.working_dir : *file};
}

}  // namespace workspaced::os
