#include "app/exposition.hpp"

#include "metrics/render.hpp"
#include "os/process_facts.hpp"

#include <utility>

namespace workspaced::app {
namespace {

metrics::process_facts self_facts(int pid) {
  metrics::process_facts facts;
  if (const auto usage = os::usage_of(pid)) {
    facts.cpu_seconds = usage->cpu_seconds;
    facts.resident_bytes = usage->resident_bytes;
    facts.open_fds = usage->open_fds;
  }
  const os::process_origin origin = os::origin_of_self();
  facts.virtual_bytes = origin.virtual_bytes;
  facts.start_time = origin.started;
  facts.max_fds = origin.most_fds;
  return facts;
}

}  // namespace

api::exposition expose(core::fleet_view view, std::string_view accept) {
  metrics::observation seen;
  seen.now = std::chrono::system_clock::now();
  for (const core::service_view& service : view.services) {
    const auto usage = service.pid ? os::usage_of(*service.pid) : std::nullopt;
    if (usage) seen.usage.emplace(service.name, *usage);
  }
  seen.self = self_facts(view.daemon.pid);
  seen.fleet = std::move(view);
  const metrics::format format = metrics::negotiate(accept);
  return {std::string(metrics::content_type(format)), metrics::render(seen, format)};
}

}  // namespace workspaced::app
