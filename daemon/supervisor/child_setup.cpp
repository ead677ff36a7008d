#include "supervisor/child_setup.hpp"

#include <sys/resource.h>

#include <utility>

namespace workspaced::supervisor {
namespace {

// What a login gives to whoever has nothing (login.defs(5), ENV_SUPATH without the games).
constexpr const char* usual_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::uint64_t amount(const std::optional<std::uint64_t>& value) { return value ? *value : RLIM_INFINITY; }

std::vector<os::limit_setting> limits_of(const core::limits_spec& spec) {
  std::vector<os::limit_setting> all;
  for (const auto& [name, pair] : spec.rlimits)
    all.push_back({os::resource_named(name), amount(pair.soft), amount(pair.hard)});
  return all;
}

void imply(core::environment_map& environment, const os::identity& who) {
  if (who.name.empty()) return;
  environment["USER"] = environment["LOGNAME"] = who.name;
  environment["HOME"] = who.home;
  environment["SHELL"] = who.shell.empty() ? "/bin/sh" : who.shell;
}

}  // namespace

boost::system::result<child_setup, std::string> setup_for(const core::service_spec& spec,
                                                          const core::environment_map& inherited) {
  const core::process_spec& process = spec.process;
  const core::identity_spec& identity = process.identity;
  child_setup setup;
  setup.settings.limits = limits_of(process.limits);
  setup.settings.umask = process.umask;
  setup.settings.nice = process.nice;
  setup.settings.oom_score_adj = process.oom_score_adj;
  setup.settings.no_new_privs = process.no_new_privs;
  if (process.inherit_environment) {
    setup.environment = inherited;
    setup.environment.erase("WORKSPACED_RUN");  // ours, when we are a service of another daemon
  } else {
    setup.environment["PATH"] = usual_path;
  }
  if (!identity.user.empty() || !identity.group.empty() || identity.groups) {
    auto who = os::resolve(os::read_user_database(), identity.user, identity.group, identity.groups);
    if (!who) return "cannot start: " + who.error() + "; see user, group and groups";
    if (!identity.user.empty()) imply(setup.environment, *who);
    setup.settings.who = std::move(*who);
  }
  for (const auto& [name, value] : spec.environment) setup.environment[name] = value;
  return setup;
}

}  // namespace workspaced::supervisor
