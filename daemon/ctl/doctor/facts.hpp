// What `workspacectl doctor` has seen. Values only, so that each check is a function of them and nothing
// else.
#pragma once

#include "core/model.hpp"
#include "core/snapshot.hpp"
#include "ctl/machine.hpp"
#include "ctl/mcp_text.hpp"
#include "ctl/outcome.hpp"

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace workspaced::ctl::doctor {

/// What a file system has left for somebody who is not root.
struct room {
  double total = 0;  ///< bytes
  double free = 0;
  double files_total = 0;  ///< inodes; 0: it does not count them
  double files_free = 0;
};

/// A path that may not be there.
struct path_facts {
  std::string path;  ///< empty: nobody knows where it is
  bool there = false;
  bool directory = false;
  bool link = false;
  bool writable = false;  ///< by us
  uid_t owner = 0;
  mode_t mode = 0;          ///< permission bits
  std::string real;         ///< links followed; empty: they lead nowhere
  std::string mount_point;  ///< of what is there, or of the directory it would be made in
  std::optional<room> space;
};

/// How a program of others has ended.
struct program_end {
  enum class how { not_started, ran_out_of_time, ended };

  how what = how::not_started;
  int code = -1;
  std::string out;
  std::string err;

  [[nodiscard]] bool good() const { return what == how::ended && code == 0; }
};

/// What a GET was answered.
struct web_answer {
  int status = 0;  ///< 0: nothing was
  std::string body;
  std::string problem;  ///< why there is no answer
};

/// A configuration as somebody reads it now.
struct configuration_facts {
  std::string file;                           ///< empty: none was found
  std::string errors;                         ///< one a line
  std::string changes;                        ///< what a reload would do, in lines; empty: nothing
  std::optional<core::configuration> config;  ///< as we read it ourselves, with our own environment
};

struct facts {
  std::string version;  ///< ours
  uid_t uid = 0;
  std::string user;
  bool no_new_privileges = false;
  std::map<std::string, std::string> environment;  ///< ours, with all secrets

  // What the daemon says of itself.
  std::optional<core::fleet_view> fleet;
  failure silence;  ///< why it says nothing
  std::optional<std::vector<registration>> registrations;
  configuration_facts configuration;
  std::string address;  ///< "127.0.0.1:9001", where it listens or would
  web_answer health;
  web_answer metrics;
  std::set<std::uint16_t> answering_ports;  ///< among those of probes, on this machine

  // Paths.
  path_facts socket;
  std::vector<path_facts> tokens;
  path_facts state_dir;
  path_facts log_dir;
  path_facts home;
  path_facts claude_home;
  path_facts claude_login;
  path_facts checkout;  ///< $WORKSPACE_DIR, or where we are
  bool sudo_is_setuid = false;

  // Programs of others.
  std::map<std::string, std::string> programs;  ///< path by name; absent: not in PATH
  std::string claude_program;
  std::string claude_version;  ///< empty: its place does not tell
  bool claude_has_helper = false;
  program_end coder_answer;  ///< the header and body of /api/v2/buildinfo, by curl
  program_end git_branch;
  program_end git_remote;
  program_end git_email;

  // The machine.
  std::map<std::string, bool> zones;  ///< time zones that are asked for; whether they are known
  std::optional<share> memory;
  std::optional<share> cpu;
  std::optional<double> throttled;  ///< share of the scheduler's periods
  std::optional<std::uint64_t> oom_kills;
  std::string cgroup;  ///< our own group's directory; empty: not to be seen
  bool cgroup_is_ours = false;
  std::int64_t now = 0;  ///< seconds since the epoch

  /// Empty when it is not set.
  [[nodiscard]] std::string variable(const std::string& name) const {
    const auto place = environment.find(name);
    return place == environment.end() ? std::string() : place->second;
  }
  /// The agent tells all its processes.
  [[nodiscard]] bool in_coder() const {
    return variable("CODER") == "true" || !variable("CODER_WORKSPACE_NAME").empty();
  }
};

}  // namespace workspaced::ctl::doctor
