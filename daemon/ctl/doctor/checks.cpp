#include "ctl/doctor/checks.hpp"

#include "json/edit.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace workspaced::ctl::doctor {
namespace {

constexpr std::array table = {
    check{"configuration", "daemon", check_configuration},
    check{"daemon", "daemon", check_daemon},
    check{"version", "daemon", check_version},
    check{"services", "daemon", check_services},
    check{"service-warnings", "daemon", check_service_warnings},
    check{"health", "daemon", check_health},
    check{"metrics", "daemon", check_metrics},
    check{"probe-ports", "daemon", check_probe_ports},
    check{"socket", "daemon", check_socket},
    check{"tokens", "daemon", check_tokens},
    check{"state-dir", "daemon", check_state_dir},
    check{"log-dir", "daemon", check_log_dir},
    check{"claude-code", "Claude Code", check_claude_code},
    check{"registrations", "Claude Code", check_registrations},
    check{"doors", "Claude Code", check_doors},
    check{"claude-token", "Claude Code", check_claude_token},
    check{"claude-home", "Claude Code", check_claude_home},
    check{"coder-agent", "Coder", check_coder_agent},
    check{"coder-server", "Coder", check_coder_server},
    check{"clock", "Coder", check_clock},
    check{"fleet-token", "Coder", check_fleet_token},
    check{"page", "Coder", check_page},
    check{"github-login", "Coder", check_github_login},
    check{"secrets", "Coder", check_secrets},
    check{"checkout", "workspace", check_checkout},
    check{"git-remote", "workspace", check_git_remote},
    check{"git-identity", "workspace", check_git_identity},
    check{"volume", "workspace", check_volume},
    check{"space", "workspace", check_space},
    check{"home", "workspace", check_home},
    check{"user", "machine", check_user},
    check{"sudo", "machine", check_sudo},
    check{"tools", "machine", check_tools},
    check{"time-zones", "machine", check_time_zones},
    check{"memory", "machine", check_memory},
    check{"cpu", "machine", check_cpu},
    check{"oom-kills", "machine", check_oom_kills},
    check{"cgroup", "machine", check_cgroup},
};

constexpr double mib = 1024.0 * 1024;
// Below the first nothing works any more, below the second it is time to act.
constexpr double least_free = 16 * mib;
constexpr double little_free = 256 * mib;
constexpr double least_share = 0.01;
constexpr double little_share = 0.1;

}  // namespace

std::span<const check> all_checks() { return table; }

std::vector<result_of_check> judge(const facts& seen) {
  std::vector<result_of_check> all;
  all.reserve(table.size());
  for (const check& each : table) all.push_back({&each, each.judge(seen)});
  return all;
}

exit_code conclusion(const std::vector<result_of_check>& all) {
  const auto first = std::find_if(
      all.begin(), all.end(), [](const result_of_check& each) { return each.found.what == level::failed; });
  return first == all.end() ? exit_code::done : first->found.code;
}

std::string text_member(std::string_view object, const std::string& name) {
  const auto member = json::get_member(object, {name});
  return member && *member ? json::string_value(**member).value_or("") : std::string();
}

std::string size_text(double bytes) {
  std::array<char, 32> text{};
  const bool small = bytes < 1024 * mib;
  std::snprintf(text.data(), text.size(), small ? "%.1f MiB" : "%.1f GiB",
                bytes / (small ? mib : 1024 * mib));
  return text.data();
}

std::optional<finding> short_of_room(const std::string& path, const std::optional<room>& space) {
  if (!space) return std::nullopt;
  const double files = space->files_total > 0 ? space->files_free / space->files_total : 1;
  if (files < least_share)
    return failed(path + " has no inodes left: no file can be made",
                  "delete directories of many small files");
  if (space->free < least_free || space->free < least_share / 10 * space->total) {
    return failed(path + " is full: " + size_text(space->free) + " of " + size_text(space->total) + " left",
                  "delete what is not needed (du -xh -d 2 " + path + " | sort -h), or get a larger volume");
  }
  if (space->free < little_free || space->free < little_share * space->total || files < little_share) {
    return warning(path + " is nearly full: " + size_text(space->free) + " of " + size_text(space->total) +
                       " left" + (files < little_share ? ", and few inodes" : ""),
                   "see what is large: du -xh -d 2 " + path + " | sort -h");
  }
  return std::nullopt;
}

}  // namespace workspaced::ctl::doctor
