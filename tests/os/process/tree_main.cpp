// A random tree of processes that try to get away: os_tree FILE SEED DEPTH KIND.
//
// KIND "marked": they lose parents and sessions as they like, and keep their environment. KIND "descended":
// they clear their environment, and keep their parents. KIND "nameless": all of it, which cannot be noticed
// without a cgroup. Each writes its number into FILE before it does anything else.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

extern char** environ;

namespace {

class node {
 public:
  node(std::string file, unsigned seed, int depth, std::string kind)
      : file_(std::move(file)),
        luck_(seed),
        depth_(depth),
        kind_(std::move(kind)),
        loses_parents_(kind_ != "descended"),
        clears_(kind_ != "marked") {}

  [[noreturn]] void live() {
    if (chance(30)) ::setsid();
    if (chance(30)) ::signal(SIGTERM, SIG_IGN);
    if (chance(20)) {
      for (int fd = 0; fd < 16; ++fd) ::close(fd);
    }
    const unsigned children = depth_ > 0 ? below(4) : 0;
    for (unsigned i = 0; i < children; ++i) bear();
    if (loses_parents_ && chance(30)) ::_exit(0);
    for (;;) ::pause();
  }

  void report() const {
    const int fd = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    const std::string line = std::to_string(::getpid()) + "\n";
    if (fd < 0 || ::write(fd, line.data(), line.size()) < 0) ::_exit(2);
    ::close(fd);
  }

 private:
  unsigned below(unsigned end) { return static_cast<unsigned>(luck_() % end); }
  bool chance(unsigned percent) { return below(100) < percent; }

  void bear() {
    const auto seed = static_cast<unsigned>(luck_());
    if (::fork() != 0) return;
    node child(file_, seed, depth_ - 1, kind_);
    if (loses_parents_ && child.chance(25) && ::fork() != 0) ::_exit(0);
    child.report();
    if (clears_ && child.chance(40)) child.clear_environment(seed);
    child.live();
  }

  void clear_environment(unsigned seed) const {
    const std::string number = std::to_string(seed);
    const std::string depth = std::to_string(depth_);
    const char* argv[] = {"os_tree",     file_.c_str(), number.c_str(), depth.c_str(),
                          kind_.c_str(), "reported",    nullptr};
    const char* nothing[] = {nullptr};
    ::execve("/proc/self/exe", const_cast<char**>(argv), const_cast<char**>(nothing));
    ::_exit(3);
  }

  std::string file_;
  std::minstd_rand luck_;
  int depth_;
  std::string kind_;
  bool loses_parents_;
  bool clears_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  node root(argv[1], static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10)), std::atoi(argv[3]), argv[4]);
  const bool reported = argc > 5;
  if (!reported) root.report();
  root.live();
}
