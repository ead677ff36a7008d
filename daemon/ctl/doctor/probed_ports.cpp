#include "ctl/doctor/probed_ports.hpp"

#include <optional>
#include <variant>

namespace workspaced::ctl::doctor {
namespace {

std::optional<core::tcp_target> address_of(const core::probe_target& target) {
  if (const auto* http = std::get_if<core::http_target>(&target)) return http->address;
  if (const auto* tcp = std::get_if<core::tcp_target>(&target)) return *tcp;
  const auto* mcp = std::get_if<core::mcp_target>(&target);
  return mcp != nullptr && mcp->where ? std::optional(mcp->where->address) : std::nullopt;
}

}  // namespace

std::map<std::uint16_t, probed_port> probed_ports(const core::configuration& config) {
  std::map<std::uint16_t, probed_port> all;
  for (const auto& [name, service] : config.services) {
    for (const auto& each : {service.ready ? address_of(service.ready->target) : std::nullopt,
                             service.live ? address_of(service.live->target) : std::nullopt}) {
      if (!each) continue;
      all[each->port].where = *each;
      all[each->port].services.insert(name);
    }
  }
  return all;
}

}  // namespace workspaced::ctl::doctor
