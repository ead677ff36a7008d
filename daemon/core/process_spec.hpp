// What a service's process is given besides its command and its environment: who it is, and what it may use.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace workspaced::core {

/// Names or numbers, as configured. Empty: as the daemon.
struct identity_spec {
  std::string user;
  std::string group;                               ///< empty: the user's own
  std::optional<std::vector<std::string>> groups;  ///< supplementary; nothing: the user's, as at a login

  bool operator==(const identity_spec&) const = default;
};

/// A limit of setrlimit(2); nothing: unlimited.
struct rlimit_pair {
  std::optional<std::uint64_t> soft;
  std::optional<std::uint64_t> hard;

  bool operator==(const rlimit_pair&) const = default;
};

struct limits_spec {
  std::map<std::string, rlimit_pair> rlimits;  ///< "nofile": of each process
  std::optional<std::uint64_t> memory;         ///< bytes, of all together
  std::optional<std::uint64_t> milli_cpus;     ///< of all together; 1500: one and a half

  bool operator==(const limits_spec&) const = default;
};

struct process_spec {
  identity_spec identity;
  limits_spec limits;
  std::optional<unsigned> umask;
  std::optional<int> nice;
  std::optional<int> oom_score_adj;
  bool no_new_privs = false;
  bool inherit_environment = true;  ///< below its own: the daemon's; else only PATH and what the user implies

  bool operator==(const process_spec&) const = default;
};

}  // namespace workspaced::core
