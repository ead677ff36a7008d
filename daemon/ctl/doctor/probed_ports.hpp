// Which ports the probes of a configuration ask.
#pragma once

#include "core/model.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace workspaced::ctl::doctor {

struct probed_port {
  core::tcp_target where;
  std::set<std::string> services;
};

[[nodiscard]] std::map<std::uint16_t, probed_port> probed_ports(const core::configuration& config);

}  // namespace workspaced::ctl::doctor
