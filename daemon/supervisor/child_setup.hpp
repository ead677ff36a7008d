// What a process of a service is given: its environment, who it is, its limits. The same for its hooks and
// probes.
#pragma once

#include "core/model.hpp"
#include "os/spawn.hpp"

#include <boost/system/result.hpp>

#include <string>

namespace workspaced::supervisor {

struct child_setup {
  core::environment_map environment;  ///< all that it gets
  os::process_settings settings;
};

/// From the specification and what the machine says now (its users, its limits). `inherited` is the daemon's
/// own environment. Fails with a sentence, as when there is no such user.
[[nodiscard]] boost::system::result<child_setup, std::string> setup_for(
    const core::service_spec& spec, const core::environment_map& inherited);

}  // namespace workspaced::supervisor
