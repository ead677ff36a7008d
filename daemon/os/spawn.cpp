#include "os/spawn.hpp"

#include "os/program_path.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

// The child runs on its own stack but in our memory until it execs: what AddressSanitizer writes into the
// shadow of that stack would stay behind. So no instrumentation there, and system calls instead of functions
// that it intercepts.
#define WORKSPACED_IN_CHILD __attribute__((no_sanitize("address", "undefined")))

namespace workspaced::os {
namespace {

std::optional<rlimit> inherited_limit;

constexpr std::array<std::pair<std::string_view, int>, 11> resources = {{
    {"as", RLIMIT_AS},
    {"core", RLIMIT_CORE},
    {"cpu", RLIMIT_CPU},
    {"data", RLIMIT_DATA},
    {"fsize", RLIMIT_FSIZE},
    {"memlock", RLIMIT_MEMLOCK},
    {"nofile", RLIMIT_NOFILE},
    {"nproc", RLIMIT_NPROC},
    {"rss", RLIMIT_RSS},
    {"sigpending", RLIMIT_SIGPENDING},
    {"stack", RLIMIT_STACK},
}};

/// What the child needs, prepared by the parent so that the child allocates nothing, and what it answers.
struct child_plan {
  const char* file = nullptr;
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  const char* working_dir = nullptr;
  int descriptors[3] = {-1, -1, -1};
  int cgroup_fd = -1;
  const rlimit* limit = nullptr;
  const process_settings* settings = nullptr;
  bool change_user = false;
  const char* oom_score_adj = nullptr;  ///< as text

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
  // Before Linux 5.9 there is no close_range(2), and some sandboxes refuse it.
  constexpr rlim_t most = 65'536;
  rlimit limit{};
  const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < most;
  const int end = static_cast<int>(known ? limit.rlim_cur : most);
  for (int fd = 3; fd < end; ++fd) ::close(fd);
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

/// An ignored signal stays ignored across execve(2), and a handler of ours must not run between here and
/// there. By system call: the C library refuses to touch signals 32 and 33, which whoever started us may have
/// ignored.
WORKSPACED_IN_CHILD void reset_signals() {
  const std::uint64_t default_action[4] = {};  // struct kernel_sigaction: SIG_DFL is 0, as are flags and mask
  const std::uint64_t no_signals = 0;
  for (int signal = 1; signal <= 64; ++signal) {
    ::syscall(SYS_rt_sigaction, signal, default_action, nullptr, sizeof no_signals);
  }
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, nullptr, sizeof no_signals);
}

WORKSPACED_IN_CHILD bool set_oom_score_adj(const char* text) {
  const int fd = ::open("/proc/self/oom_score_adj", O_WRONLY);
  if (fd < 0) return false;
  const auto size = static_cast<ssize_t>(::strlen(text));
  const bool done = ::write(fd, text, static_cast<std::size_t>(size)) == size;
  const int error = errno;
  ::close(fd);
  errno = error;
  return done;
}

WORKSPACED_IN_CHILD bool set_limits(const child_plan& plan) {
  if (plan.limit != nullptr && ::setrlimit(RLIMIT_NOFILE, plan.limit) < 0) return false;
  for (const limit_setting& each : plan.settings->limits) {
    const rlimit64 limit{each.soft, each.hard};
    if (::syscall(SYS_prlimit64, 0, each.resource, &limit, nullptr) < 0) return false;
  }
  return true;
}

/// By system call: the C library's functions change all threads of a process, and find them in memory that is
/// ours.
WORKSPACED_IN_CHILD bool become(const identity& who) {
  return ::syscall(SYS_setgroups, who.groups.size(), who.groups.data()) == 0 &&
         ::syscall(SYS_setresgid, who.gid, who.gid, who.gid) == 0 &&
         ::syscall(SYS_setresuid, who.uid, who.uid, who.uid) == 0;
}

/// What needs rights comes before the change of the user, what the user's rights decide after it.
WORKSPACED_IN_CHILD bool take_settings(child_plan& plan, spawn_step& step) {
  const process_settings& settings = *plan.settings;
  step = spawn_step::oom_score_adj;
  if (plan.oom_score_adj != nullptr && !set_oom_score_adj(plan.oom_score_adj)) return false;
  step = spawn_step::nice;
  if (settings.nice && ::setpriority(PRIO_PROCESS, 0, *settings.nice) < 0) return false;
  step = spawn_step::limits;
  if (!set_limits(plan)) return false;
  if (settings.umask) ::umask(*settings.umask);
  step = spawn_step::user;
  if (plan.change_user && !become(*settings.who)) return false;
  step = spawn_step::chdir;
  if (plan.working_dir != nullptr && ::chdir(plan.working_dir) < 0) return false;
  step = spawn_step::no_new_privs;
  return !settings.no_new_privs || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

WORKSPACED_IN_CHILD int in_child(void* argument) {
  child_plan& plan = *static_cast<child_plan*>(argument);
  if (::setsid() < 0) return give_up(plan, spawn_step::session);
  // Before there is anybody else of the run. Without it the run has the other ways to be found whole.
  if (plan.cgroup_fd >= 0) static_cast<void>(::write(plan.cgroup_fd, "0", 1) == 1);
  if (!connect_descriptors(plan)) return give_up(plan, spawn_step::descriptors);
  spawn_step step = spawn_step::exec;
  if (!take_settings(plan, step)) return give_up(plan, step);
  reset_signals();
  ::execve(plan.file, plan.argv, plan.environment);
  return give_up(plan, spawn_step::exec);
}

/// A stack for the child, with a page below it that faults.
class child_stack {
 public:
  child_stack() {
    base_ = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    // Pages have 64 KiB on some arm64 kernels.
    if (usable()) ::mprotect(base_, static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)), PROT_NONE);
  }
  child_stack(const child_stack&) = delete;
  child_stack& operator=(const child_stack&) = delete;
  ~child_stack() {
    if (usable()) ::munmap(base_, size);
  }
  [[nodiscard]] bool usable() const { return base_ != MAP_FAILED; }
  [[nodiscard]] void* top() const { return static_cast<char*>(base_) + size; }

 private:
  static constexpr std::size_t size = 256 * 1024;
  void* base_ = MAP_FAILED;
};

/// No handler of ours may run in the child, which shares our memory: all signals wait until it has gone its
/// way.
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

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> list;
  list.reserve(words.size() + 1);
  for (const std::string& word : words) list.push_back(const_cast<char*>(word.c_str()));
  list.push_back(nullptr);
  return list;
}

/// The file as we see it: the child looks for a relative one in its own working directory.
std::string seen_from_here(const std::string& file, const std::string& working_dir) {
  return file.starts_with('/') || working_dir.empty() ? file : working_dir + "/" + file;
}

void reap(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

/// Clones, and waits until the child has become its program or has given up.
boost::system::result<spawned_process, spawn_error> carry_out(child_plan& plan) {
  const child_stack stack;
  if (!stack.usable()) return spawn_error{spawn_step::clone, ENOMEM, plan.file};
  int pidfd = -1;
  pid_t pid = -1;
  int error = 0;
  {
    const all_signals_blocked quiet;
    // vfork's meaning: no copy of the page tables however large we are, and we wait until the child execs or
    // exits.
    pid = ::clone(in_child, stack.top(), CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &plan, &pidfd);
    error = errno;
  }
  if (pid < 0) return spawn_error{spawn_step::clone, error, plan.file};
  spawned_process child{pid, unique_fd(pidfd)};
  if (plan.failed_error != 0) {
    reap(pid);
    return spawn_error{plan.failed_step, plan.failed_error, plan.file};
  }
  if (!child.pidfd) {  // CLONE_PIDFD is ignored before Linux 5.2
    ::kill(pid, SIGKILL);
    reap(pid);
    return spawn_error{spawn_step::clone, ENOSYS, plan.file};
  }
  return child;
}

}  // namespace

int resource_named(const std::string& name) {
  for (const auto& [known, resource] : resources) {
    if (known == name) return resource;
  }
  return -1;
}

void raise_fd_limit() {
  rlimit limit{};
  if (inherited_limit || ::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  inherited_limit = limit;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void lower_fd_limit() {
  if (inherited_limit) ::setrlimit(RLIMIT_NOFILE, &*inherited_limit);
}

boost::system::result<spawned_process, spawn_error> spawn(const spawn_request& request) {
  const auto file = find_program(request.argv.empty() ? std::string() : request.argv[0], request.environment);
  if (!file) return file.error();
  const unique_fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return spawn_error{spawn_step::descriptors, errno, *file + " to /dev/null"};

  const auto argv = pointers(request.argv);
  const auto environment = pointers(request.environment);
  child_plan plan;
  plan.file = file->c_str();
  plan.argv = argv.data();
  plan.environment = environment.data();
  plan.working_dir = request.working_dir.empty() ? nullptr : request.working_dir.c_str();
  plan.descriptors[0] = request.stdin_fd < 0 ? null.get() : request.stdin_fd;
  plan.descriptors[1] = request.stdout_fd < 0 ? null.get() : request.stdout_fd;
  plan.descriptors[2] = request.stderr_fd < 0 ? null.get() : request.stderr_fd;
  plan.cgroup_fd = request.cgroup_fd;
  plan.limit = inherited_limit ? &*inherited_limit : nullptr;
  plan.settings = &request.settings;
  plan.change_user = request.settings.who && !is_ours(*request.settings.who);
  const std::string oom_score_adj = std::to_string(request.settings.oom_score_adj.value_or(0));
  if (request.settings.oom_score_adj) plan.oom_score_adj = oom_score_adj.c_str();

  auto child = carry_out(plan);
  if (child) return child;
  spawn_error error = child.error();
  error.subject =
      error.step == spawn_step::chdir ? request.working_dir : seen_from_here(*file, request.working_dir);
  return error;
}

}  // namespace workspaced::os
