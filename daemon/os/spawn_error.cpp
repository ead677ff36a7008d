#include "os/spawn_error.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace workspaced::os {
namespace {

const char* name_of(spawn_step step) {
  switch (step) {
    case spawn_step::lookup: return "find";
    case spawn_step::descriptors: return "connect stdin, stdout and stderr of";
    case spawn_step::clone: return "make a process for";
    case spawn_step::session: return "make a session for";
    case spawn_step::oom_score_adj: return "set oom_score_adj of";
    case spawn_step::nice: return "set the priority of";
    case spawn_step::limits: return "set the limits of";
    case spawn_step::user: return "take the user and the groups of";
    case spawn_step::no_new_privs: return "set no_new_privs for";
    case spawn_step::chdir: return "change to the working directory";
    case spawn_step::exec: return "execute";
  }
  return "start";
}

/// "/usr/bin/python9" of a script that starts with "#!/usr/bin/python9 -E"; empty when it is no script.
std::string interpreter_of(const std::string& file) {
  std::ifstream content(file, std::ios::binary);
  // 256 bytes: what the kernel reads (BINPRM_BUF_SIZE, execve(2)).
  char start[256] = {};
  content.read(start, sizeof start - 1);
  std::string line(start);
  line.resize(std::min(line.find('\n'), line.size()));
  if (!line.starts_with("#!")) return {};
  const auto first = line.find_first_not_of(" \t", 2);
  if (first == std::string::npos) return {};
  const auto end = line.find_first_of(" \t", first);
  return line.substr(first, end == std::string::npos ? end : end - first);
}

/// execve(2) says "No such file" also when the file is there and what must run it is not.
std::string missing_helper(const std::string& file) {
  if (::access(file.c_str(), F_OK) != 0) return "";
  const std::string interpreter = interpreter_of(file);
  if (interpreter.empty()) {
    return "; the file is there, its dynamic loader is not: was it built for another libc or machine?";
  }
  const bool carriage_return = interpreter.ends_with('\r');
  if (carriage_return) return "; its first line ends with a carriage return: save it with Unix line ends";
  return "; the file is there, its interpreter " + interpreter + " is not";
}

std::string advice(const spawn_error& error) {
  switch (error.step) {
    case spawn_step::lookup:
      if (error.error == ENOENT) return " in PATH; is it installed, and is PATH set?";
      return error.error == EACCES ? "; is it executable?" : "";
    case spawn_step::descriptors:
    case spawn_step::clone:
    case spawn_step::session:
    case spawn_step::no_new_privs: return "";
    case spawn_step::oom_score_adj:
      return error.error == EACCES ? "; only root may lower it" : "; see oom_score_adj";
    case spawn_step::nice: return "; only root may raise it: see nice";
    case spawn_step::limits:
      return error.error == EPERM ? "; only root may raise a hard limit: see limits" : "; see limits";
    case spawn_step::user: return "; only root can: run workspaced as root, or drop user, group and groups";
    case spawn_step::chdir: return "; see working_dir";
    case spawn_step::exec: break;
  }
  switch (error.error) {
    case ENOEXEC: return "; a script must start with #!, a program must be built for this machine";
    case EACCES: return "; is it executable?";
    case ENOENT: return missing_helper(error.subject);
    case E2BIG: return "; arguments and environment together are too long";
    default: return "";
  }
}

}  // namespace

std::string describe(const spawn_error& error) {
  const bool not_in_path = error.step == spawn_step::lookup && error.error == ENOENT;
  const std::string cause = not_in_path ? ": not found" : std::string(": ") + std::strerror(error.error);
  return std::string("cannot ") + name_of(error.step) + " " + error.subject + cause + advice(error);
}

}  // namespace workspaced::os
