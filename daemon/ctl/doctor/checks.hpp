// The one table of checks of `workspacectl doctor`.
#pragma once

#include "ctl/doctor/finding.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace workspaced::ctl::doctor {

struct check {
  std::string_view name;
  std::string_view area;
  finding (*judge)(const facts& seen);
};

/// In the order in which they are shown, areas together.
[[nodiscard]] std::span<const check> all_checks();

struct result_of_check {
  const check* which;
  finding found;
};
[[nodiscard]] std::vector<result_of_check> judge(const facts& seen);

/// 0 when no check failed, else what the first failed one says.
[[nodiscard]] exit_code conclusion(const std::vector<result_of_check>& all);

// Each check is a function of its name.
// daemon_checks.cpp
[[nodiscard]] finding check_configuration(const facts& seen);
[[nodiscard]] finding check_daemon(const facts& seen);
[[nodiscard]] finding check_version(const facts& seen);
[[nodiscard]] finding check_services(const facts& seen);
[[nodiscard]] finding check_service_warnings(const facts& seen);
// surface_checks.cpp
[[nodiscard]] finding check_health(const facts& seen);
[[nodiscard]] finding check_metrics(const facts& seen);
[[nodiscard]] finding check_probe_ports(const facts& seen);
[[nodiscard]] finding check_socket(const facts& seen);
[[nodiscard]] finding check_tokens(const facts& seen);
[[nodiscard]] finding check_state_dir(const facts& seen);
[[nodiscard]] finding check_log_dir(const facts& seen);
// claude_checks.cpp
[[nodiscard]] finding check_claude_code(const facts& seen);
[[nodiscard]] finding check_registrations(const facts& seen);
[[nodiscard]] finding check_doors(const facts& seen);
[[nodiscard]] finding check_claude_token(const facts& seen);
[[nodiscard]] finding check_claude_home(const facts& seen);
// coder_checks.cpp
[[nodiscard]] finding check_coder_agent(const facts& seen);
[[nodiscard]] finding check_coder_server(const facts& seen);
[[nodiscard]] finding check_clock(const facts& seen);
[[nodiscard]] finding check_fleet_token(const facts& seen);
[[nodiscard]] finding check_page(const facts& seen);
[[nodiscard]] finding check_github_login(const facts& seen);
[[nodiscard]] finding check_secrets(const facts& seen);
// workspace_checks.cpp
[[nodiscard]] finding check_checkout(const facts& seen);
[[nodiscard]] finding check_git_remote(const facts& seen);
[[nodiscard]] finding check_git_identity(const facts& seen);
[[nodiscard]] finding check_volume(const facts& seen);
[[nodiscard]] finding check_space(const facts& seen);
[[nodiscard]] finding check_home(const facts& seen);
// machine_checks.cpp
[[nodiscard]] finding check_user(const facts& seen);
[[nodiscard]] finding check_sudo(const facts& seen);
[[nodiscard]] finding check_tools(const facts& seen);
[[nodiscard]] finding check_time_zones(const facts& seen);
[[nodiscard]] finding check_memory(const facts& seen);
[[nodiscard]] finding check_cpu(const facts& seen);
[[nodiscard]] finding check_oom_kills(const facts& seen);
[[nodiscard]] finding check_cgroup(const facts& seen);

}  // namespace workspaced::ctl::doctor
