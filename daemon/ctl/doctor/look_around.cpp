#include "claude/installed.hpp"
#include "config/load.hpp"
#include "ctl/doctor/gather.hpp"
#include "ctl/doctor/network.hpp"
#include "ctl/doctor/paths.hpp"
#include "ctl/doctor/programs.hpp"
#include "os/cgroup.hpp"
#include "os/civil_time.hpp"
#include "os/files.hpp"
#include "os/identity.hpp"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>

extern char** environ;

namespace workspaced::ctl::doctor {
namespace {

constexpr std::size_t largest_file = 1U << 20U;

std::optional<std::string> content(const std::string& path) {
  auto text = os::read_whole(path, largest_file);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

std::map<std::string, std::string> our_environment() {
  std::map<std::string, std::string> all;
  for (char** it = environ; *it != nullptr; ++it) {
    const std::string_view entry = *it;
    const auto equals = entry.find('=');
    if (equals != std::string_view::npos) all.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return all;
}

/// The questions that take a while, asked all at once.
struct questions {
  asked_program server;
  asked_program branch;
  asked_program remote;
  asked_program email;

  explicit questions(const facts& seen)
      : server(curl(seen), environment(seen)),
        branch(git(seen, {"rev-parse", "--abbrev-ref", "HEAD"}), environment(seen)),
        remote(git(seen, {"ls-remote", "--exit-code", "origin", "HEAD"}), environment(seen)),
        email(git(seen, {"config", "--get", "user.email"}), environment(seen)) {}

  void answers(facts& seen, clock::time_point deadline) {
    seen.coder_answer = server.wait(deadline);
    seen.git_branch = branch.wait(deadline);
    seen.git_remote = remote.wait(deadline);
    seen.git_email = email.wait(deadline);
  }

 private:
  static std::vector<std::string> curl(const facts& seen) {
    auto server = seen.variable("CODER_AGENT_URL");
    if (server.empty()) server = seen.variable("CODER_URL");
    while (server.ends_with('/')) server.pop_back();
    return {"curl", "-sS", "-i", "--max-time", "2", server + "/api/v2/buildinfo"};
  }
  static std::vector<std::string> git(const facts& seen, std::vector<std::string> words) {
    std::vector<std::string> all = {"git", "-C", seen.checkout.path};
    all.insert(all.end(), std::move_iterator(words.begin()), std::move_iterator(words.end()));
    return all;
  }
  /// Nobody is there to answer a question of theirs.
  static std::vector<std::string> environment(const facts& seen) {
    auto all = seen.environment;
    all["LC_ALL"] = "C";
    all["GIT_TERMINAL_PROMPT"] = "0";
    all.emplace("GIT_SSH_COMMAND", "ssh -oBatchMode=yes");
    std::vector<std::string> out;
    out.reserve(all.size());
    for (const auto& [name, value] : all) out.push_back(name + "=" + value);
    return out;
  }
};

void read_configuration(facts& seen) {
  auto source = config::options_of_process(seen.configuration.file);
  source.knows_zone = os::knows_zone;
  auto loaded = config::load(source);
  if (!seen.fleet) {
    seen.configuration.file = config::find_file(source).value_or("");
    for (const auto& each : loaded.errors)
      (seen.configuration.errors += seen.configuration.errors.empty() ? "" : "\n") += config::to_string(each);
  }
  seen.configuration.config = std::move(loaded.config);
}

void look_at_paths(facts& seen) {
  const auto mounts = content("/proc/self/mountinfo").value_or("");
  const auto at = [&mounts](const std::string& path) { return look_at(path, mounts); };
  const auto& config = seen.configuration.config;
  const auto own = [&seen, &config](const std::string& of_daemon, const std::string& of_file) {
    return seen.fleet ? of_daemon : config ? of_file : std::string();
  };
  seen.state_dir =
      at(own(seen.fleet ? seen.fleet->daemon.state_dir : "", config ? config->daemon.state_dir : ""));
  seen.log_dir = at(own(seen.fleet ? seen.fleet->daemon.log_dir : "", config ? config->daemon.log_dir : ""));
  seen.socket = at(seen.socket.path);
  if (!seen.state_dir.path.empty())
    seen.tokens = {at(seen.state_dir.path + "/tokens/read"), at(seen.state_dir.path + "/tokens/admin")};

  const auto home = seen.variable("HOME");
  seen.home = at(home);
  const auto chosen = seen.variable("CLAUDE_CONFIG_DIR");
  const auto claude = !chosen.empty() ? chosen : home.empty() ? "" : home + "/.claude";
  seen.claude_home = at(claude);
  seen.claude_login = at(claude.empty() ? "" : claude + "/.credentials.json");
  std::error_code error;
  const auto checkout = seen.variable("WORKSPACE_DIR");
  seen.checkout = at(checkout.empty() ? std::filesystem::current_path(error).string() : checkout);
}

void look_at_programs(facts& seen) {
  const auto path = seen.variable("PATH");
  for (const auto* name : {"bash", "curl", "git", "jq", "gh", "sudo"}) {
    if (auto found = find_in_path(name, path); !found.empty()) seen.programs[name] = std::move(found);
  }
  if (const auto sudo = seen.programs.find("sudo"); sudo != seen.programs.end()) {
    struct stat facts {};
    seen.sudo_is_setuid =
        ::stat(sudo->second.c_str(), &facts) == 0 && (facts.st_mode & S_ISUID) != 0 && facts.st_uid == 0;
  }
  const auto home = seen.variable("HOME");
  seen.claude_program = find_in_path("claude", home.empty() ? path : path + ":" + home + "/.local/bin");
  if (const auto version = claude::installed_version(path, home)) {
    seen.claude_version = std::to_string((*version)[0]) + "." + std::to_string((*version)[1]) + "." +
                          std::to_string((*version)[2]);
    seen.claude_has_helper = *version >= claude::first_with_helper;
  }
}

void look_at_machine(facts& seen) {
  seen.memory = memory_of(content, false);
  seen.cpu = cpu_of(content, false);
  seen.throttled = throttled_of(content);
  seen.oom_kills = oom_kills_of(content);
  if (const auto place = os::own_cgroup(content("/proc/self/mountinfo").value_or(""),
                                        content("/proc/self/cgroup").value_or(""))) {
    seen.cgroup = place->directory;
    seen.cgroup_is_ours = ::access((place->directory + "/cgroup.procs").c_str(), W_OK) == 0;
  }
  // TZ may also be a rule, "CET-1CEST,M3.5.0,M10.5.0/3" (tzset(3)).
  if (const auto zone = seen.variable("TZ");
      zone.find('/') != std::string::npos && zone.find(',') == std::string::npos)
    seen.zones[zone] = os::knows_zone(zone);
  if (seen.configuration.config) {
    for (const auto& [name, service] : seen.configuration.config->services) {
      if (service.schedule && !service.schedule->time_zone.empty())
        seen.zones[service.schedule->time_zone] = os::knows_zone(service.schedule->time_zone);
    }
  }
  seen.now = std::time(nullptr);
}

void look_at_ourselves(facts& seen) {
  seen.environment = our_environment();
  seen.uid = ::geteuid();
  const auto number = std::to_string(seen.uid);
  const auto who = os::resolve(os::read_user_database(), number, {}, std::nullopt);
  seen.user = who && !who->name.empty() ? who->name : number;
  seen.no_new_privileges = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

}  // namespace

void look_around(facts& seen, clock::time_point deadline) {
  look_at_ourselves(seen);
  read_configuration(seen);
  look_at_paths(seen);
  questions asked(seen);
  look_at_programs(seen);
  look_at_machine(seen);
  look_at_network(seen, deadline);
  asked.answers(seen, deadline);
}

}  // namespace workspaced::ctl::doctor
