#include "ctl/commands.hpp"
#include "ctl/doctor/gather.hpp"

namespace workspaced::ctl::doctor {

void ask_daemon(transport& daemon, facts& seen) {
  auto fleet = ask_fleet(daemon);
  if (!fleet) {
    seen.silence = fleet.error();
    return;
  }
  seen.fleet = std::move(*fleet);
  seen.configuration.file = seen.fleet->daemon.config_file;
  // In the daemon's environment, which may have more than ours.
  const auto reload = ask(daemon, "POST", "/v1/reload?dry_run=true");
  if (reload) {
    seen.configuration.changes = reload_changes(reload->body);
  } else if (reload.error().code == exit_code::configuration) {
    seen.configuration.errors = reload.error().text;
  }
  if (const auto entries = ask(daemon, "GET", "/v1/mcp"))
    seen.registrations = read_registrations(entries->body);
}

}  // namespace workspaced::ctl::doctor
