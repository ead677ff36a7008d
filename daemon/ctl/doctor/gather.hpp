// The thin edge of doctor: looks at everything, judges nothing.
#pragma once

#include "ctl/doctor/facts.hpp"
#include "ctl/transport.hpp"

namespace workspaced::ctl::doctor {

/// What the daemon says of itself. One that does not answer is asked once.
void ask_daemon(transport& daemon, facts& seen);

/// Everything else: needs what the daemon has said. What has not answered by the deadline is told so.
void look_around(facts& seen, clock::time_point deadline);

}  // namespace workspaced::ctl::doctor
