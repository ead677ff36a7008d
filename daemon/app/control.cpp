#include "app/control.hpp"

#include "app/log_stream.hpp"
#include "core/redact.hpp"

#include <unistd.h>

#include <utility>

namespace workspaced::app {

control::control(parts all) : all_(std::move(all)) {}

core::fleet_view control::view() const {
  core::fleet_view view;
  view.daemon.version = WORKSPACED_VERSION;
  view.daemon.pid = ::getpid();
  view.daemon.uptime = std::chrono::steady_clock::now() - started_;
  view.daemon.config_file = all_.config_file;
  view.daemon.state_dir = all_.settings.state_dir;
  view.daemon.log_dir = all_.settings.log_dir;
  view.daemon.stopping = all_.services.shutting_down();
  view.daemon.removed.assign(all_.edits.removed.begin(), all_.edits.removed.end());
  view.services = all_.services.views();
  for (core::service_view& each : view.services) each.until_reload = all_.edits.added.contains(each.name);
  view.probes = all_.services.probe_statistics();
  view.doors = all_.doors.views();
  return view;
}

api::outcome control::pass_on(request what, const std::vector<std::string>& names) {
  if (all_.services.shutting_down()) {
    return api::refusal{api::refusal::kind::shutting_down,
                        "the daemon is stopping; it starts and stops nothing more"};
  }
  for (const std::string& name : names) {
    if (!all_.services.knows(name)) {
      return api::refusal{api::refusal::kind::not_found, "there is no service named " + name};
    }
  }
  (all_.services.*what)(names);
  return {};
}

api::outcome control::start(const std::vector<std::string>& names) {
  return pass_on(&supervisor::supervisor::start, names);
}
api::outcome control::stop(const std::vector<std::string>& names) {
  return pass_on(&supervisor::supervisor::stop, names);
}
api::outcome control::restart(const std::vector<std::string>& names) {
  return pass_on(&supervisor::supervisor::restart, names);
}

api::reload_outcome control::reload(bool dry_run) {
  if (all_.services.shutting_down()) {
    return api::refusal{api::refusal::kind::shutting_down, "the daemon is stopping"};
  }
  return all_.reload(dry_run);
}

api::reload_outcome control::add(const std::string& name, const std::string& definition) {
  if (all_.services.shutting_down())
    return api::refusal{api::refusal::kind::shutting_down, "the daemon is stopping"};
  return all_.edit(name, definition);
}

api::reload_outcome control::remove(const std::string& name) {
  if (all_.services.shutting_down())
    return api::refusal{api::refusal::kind::shutting_down, "the daemon is stopping"};
  return all_.edit(name, std::nullopt);
}

void control::shutdown() { all_.shutdown(); }

std::optional<boost::system::result<core::environment_map, api::refusal>> control::environment(
    const std::string& name) const {
  if (!all_.services.knows(name)) return std::nullopt;
  auto all = all_.services.environment_of(name);
  if (!all) return api::refusal{api::refusal::kind::conflict, all.error()};
  for (auto& [variable, value] : *all) {
    if (core::is_secret_name(variable, all_.settings.redact)) value = core::redacted;
  }
  return std::move(*all);
}

std::unique_ptr<api::event_source> control::subscribe() { return all_.events.subscribe(); }

std::unique_ptr<http::stream> control::open_log(const std::string& name, std::size_t tail_lines,
                                                bool follow) {
  if (!all_.services.knows(name)) return nullptr;
  return open_log_stream(all_.services.log_of(name), tail_lines, follow);
}

}  // namespace workspaced::app
