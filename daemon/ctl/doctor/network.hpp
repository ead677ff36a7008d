// What answers on this machine's own addresses.
#pragma once

#include "ctl/doctor/facts.hpp"
#include "ctl/transport.hpp"

namespace workspaced::ctl::doctor {

/// Fills in `address`, `health`, `metrics` and `answering_ports`: all are asked at once, until the deadline.
void look_at_network(facts& seen, clock::time_point deadline);

}  // namespace workspaced::ctl::doctor
