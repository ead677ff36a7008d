#include "unit/core/random_fleet.hpp"

#include <iterator>

namespace simulation {

using namespace workspaced::core;
using namespace std::chrono_literals;

service_spec random_fleet::service(const std::string& name, const service_map& earlier) {
  service_spec spec;
  spec.name = name;
  spec.command = {name};
  spec.kind = luck_.chance(20) ? service_kind::task : service_kind::service;
  spec.autostart = luck_.chance(85);
  spec.restart = static_cast<restart_policy>(luck_.below(3));
  if (spec.kind == service_kind::task && spec.restart == restart_policy::always)
    spec.restart = restart_policy::never;
  spec.backoff.initial = luck_.chance(20) ? 0ms : 100ms;
  spec.backoff.max = 2s;
  spec.backoff.reset_after = 5s;
  // The same in each configuration: with fewer than it has failed already it may fail once more.
  spec.backoff.attempts = attempts_.emplace(name, static_cast<unsigned>(luck_.below(5))).first->second;
  if (luck_.chance(30)) spec.backoff.retry_failed_after = luck_.up_to(5s) + 1ms;
  spec.stop.timeout = 1s;
  if (luck_.chance(20)) spec.stop.command = {"stop"};
  if (luck_.chance(20)) spec.hooks.before_start = {"before"};
  if (luck_.chance(20)) spec.hooks.after_ready = {"ready"};
  if (luck_.chance(20)) spec.hooks.after_stop = {"after"};
  if (luck_.chance(3)) spec.on_failure = end_action::exit;
  if (luck_.chance(2)) spec.on_success = end_action::exit;
  if (spec.kind == service_kind::task && luck_.chance(50)) spec.schedule = schedule_spec{};
  if (luck_.chance(60))
    spec.ready = ready_spec{tcp_target{}, 3s, 250ms, 2s, 1 + static_cast<unsigned>(luck_.below(2))};
  if (luck_.chance(50)) {
    spec.live = live_spec{tcp_target{}, 500ms, 2s, 1 + static_cast<unsigned>(luck_.below(3)),
                          luck_.chance(50) ? live_action::restart : live_action::report};
  }
  for (const auto& [other, its] : earlier) {
    if (!luck_.chance(30)) continue;
    const auto condition = its.kind == service_kind::task ? dependency_condition::completed
                                                          : static_cast<dependency_condition>(luck_.below(2));
    dependency_spec& needs = spec.depends_on[other];
    needs.condition = condition;
    if (luck_.chance(25)) needs.timeout = luck_.up_to(2s) + 1ms;
    needs.restart = luck_.chance(25);
  }
  return spec;
}

service_map random_fleet::first() {
  service_map services;
  const auto count = 1 + luck_.below(7);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    services.emplace(name, service(name, services));
  }
  return services;
}

service_map random_fleet::after(service_map services) {
  for (auto& [name, spec] : services) {
    if (luck_.chance(20)) spec.command.push_back("changed");
    if (luck_.chance(10)) spec.autostart = !spec.autostart;
    if (luck_.chance(10))
      spec.restart = luck_.chance(50) ? restart_policy::never : restart_policy::on_failure;
    if (luck_.chance(20)) spec.live.reset();
    if (luck_.chance(20)) spec.ready.reset();
    if (luck_.chance(20)) spec.hooks.after_stop.clear();
    for (auto& [other, needs] : spec.depends_on) needs.restart = luck_.chance(25);
  }
  // The last one has no dependants, so it can leave without breaking a dependency.
  if (services.size() > 1 && luck_.chance(40)) services.erase(std::prev(services.end()));
  if (luck_.chance(30)) {  // one more, perhaps of a name that is not gone yet
    const std::string name(1, static_cast<char>('a' + services.size()));
    services.emplace(name, service(name, services));
  }
  return services;
}

}  // namespace simulation
