// A child that shows what it was given, or behaves badly: os_child <mode> [argument].
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <string>

extern char** environ;

namespace {

[[noreturn]] void stay() {
  for (;;) ::pause();
}

int say(const std::string& line) {
  const std::string text = line + "\n";
  return ::write(1, text.data(), text.size()) < 0 ? 1 : 0;
}

std::string link_of(const std::string& path) {
  char target[4096] = {};
  return ::readlink(path.c_str(), target, sizeof target - 1) < 0 ? "?" : target;
}

void dump_descriptors() {
  DIR* listing = ::opendir("/proc/self/fd");
  while (const dirent* entry = ::readdir(listing)) {
    if (entry->d_name[0] == '.' || std::atoi(entry->d_name) == ::dirfd(listing)) continue;
    say("fd " + std::string(entry->d_name) + " " + link_of(std::string("/proc/self/fd/") + entry->d_name));
  }
  ::closedir(listing);
}

/// Lines "key value".
int dump() {
  dump_descriptors();
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("SigBlk:") || line.starts_with("SigIgn:"))
      say(line.substr(0, 6) + " " + line.substr(8));
    for (const char* field : {"Uid", "Gid", "Groups", "Umask", "NoNewPrivs"}) {
      if (line.starts_with(std::string(field) + ":\t"))
        say(std::string(field) + " " + line.substr(line.find('\t') + 1));
    }
  }
  std::ifstream limits("/proc/self/limits");
  for (std::string line; std::getline(limits, line);) say("limit " + line);
  std::string oom;
  std::getline(std::ifstream("/proc/self/oom_score_adj"), oom);
  say("oom " + oom);
  say("nice " + std::to_string(::getpriority(PRIO_PROCESS, 0)));
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  say("nofile " + std::to_string(files.rlim_cur));
  say("pid " + std::to_string(::getpid()));
  say("pgid " + std::to_string(::getpgrp()));
  say("sid " + std::to_string(::getsid(0)));
  say("cwd " + link_of("/proc/self/cwd"));
  for (char** entry = environ; *entry != nullptr; ++entry) say(std::string("env ") + *entry);
  return 0;
}

/// A process of our group that goes on when we have gone.
int leave_member(bool obeys_term) {
  const pid_t member = ::fork();
  if (member == 0) {
    if (!obeys_term) ::signal(SIGTERM, SIG_IGN);
    say("member " + std::to_string(::getpid()));
    stay();
  }
  return 0;
}

/// A process of a session of its own that outlives us a little and ends by itself.
int leave_orphan() {
  const pid_t us = ::getpid();
  if (::fork() == 0) {
    ::setsid();
    while (::getppid() == us) ::usleep(1000);
    say("parent " + std::to_string(::getppid()));
    say("orphan " + std::to_string(::getpid()));
    std::exit(7);
  }
  return 0;
}

void wait_until_dead(pid_t child) {
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
}

/// We go without having waited for a dead child.
int leave_zombie() {
  const pid_t child = ::fork();
  if (child == 0) std::exit(0);
  wait_until_dead(child);
  return 0;
}

/// A dead process of our group whose parent lives on elsewhere and does not care.
int leave_kept_zombie() {
  int ready[2];
  if (::pipe(ready) != 0) return 1;
  if (::fork() == 0) {
    const pid_t dead = ::fork();
    if (dead == 0) std::exit(0);
    ::setsid();
    wait_until_dead(dead);
    say("keeper " + std::to_string(::getpid()));
    const bool told = ::write(ready[1], "x", 1) == 1;
    if (told) stay();
    return 1;
  }
  char byte = 0;
  return ::read(ready[0], &byte, 1) == 1 ? 0 : 1;
}

/// A process without a parent of ours, in a session of its own, with an empty environment.
void lose_a_nameless_one() {
  const pid_t between = ::fork();
  if (between != 0) {
    ::waitpid(between, nullptr, 0);
    return;
  }
  ::setsid();
  if (::fork() != 0) std::exit(0);
  say("nameless " + std::to_string(::getpid()));
  char* const nothing[] = {nullptr};
  const char* const arguments[] = {"os_child", "stay", nullptr};
  ::execve("/proc/self/exe", const_cast<char* const*>(arguments), nothing);
  std::exit(98);
}

/// One after the other, each gone as soon as it has started the next, in a session of their own. The last one
/// stays.
int leave_relay(int generations) {
  if (::fork() != 0) return 0;
  ::setsid();
  for (int i = 0; i < generations; ++i) {
    if (::fork() != 0) ::_exit(0);
  }
  say("last " + std::to_string(::getpid()));
  stay();
}

int stay_ignoring_term() {
  ::signal(SIGTERM, SIG_IGN);
  say("ignoring");
  stay();
}

int stay_without_stdio() {
  say("closing");
  for (int fd = 0; fd < 3; ++fd) ::close(fd);
  stay();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "exit") return std::atoi(argv[2]);
  if (mode == "raise") return ::raise(std::atoi(argv[2]));
  if (mode == "say") return say(argv[2]);
  if (mode == "dump") return dump();
  if (mode == "stay") stay();
  if (mode == "stay-ignoring-term") return stay_ignoring_term();
  if (mode == "stay-without-stdio") return stay_without_stdio();
  if (mode == "leave-member") return leave_member(true);
  if (mode == "leave-member-ignoring-term") return leave_member(false);
  if (mode == "leave-orphan") return leave_orphan();
  if (mode == "leave-relay") return leave_relay(std::atoi(argv[2]));
  if (mode == "leave-zombie") return leave_zombie();
  if (mode == "leave-kept-zombie") return leave_kept_zombie();
  if (mode == "leave-nameless" || mode == "stay-with-nameless") {
    lose_a_nameless_one();
    if (mode == "leave-nameless") return 0;
    stay();
  }
  if (mode == "family") {  // a member of the group, and we stay too
    leave_member(true);
    stay();
  }
  std::fprintf(stderr, "os_child: no mode '%s'\n", mode.c_str());
  return 99;
}
