#include "state/record.hpp"

#include "core/fingerprint.hpp"

#include <utility>

namespace workspaced::state {

record record_of(const core::service_spec& spec, const core::service& state, std::uint64_t leader_started,
                 std::string log_file) {
  record made;
  made.service = spec.name;
  made.state = state;
  made.leader_started = leader_started;
  made.fingerprint = core::process_fingerprint(spec);
  made.kind = spec.kind;
  made.stop_signal = spec.stop.signal;
  made.stop_timeout = spec.stop.timeout;
  made.log_file = std::move(log_file);
  return made;
}

core::service_spec spec_for_removal(const record& what) {
  core::service_spec spec;
  spec.name = what.service;
  spec.kind = what.kind;
  spec.autostart = false;
  spec.required = false;
  spec.restart = core::restart_policy::never;
  spec.stop.signal = what.stop_signal;
  spec.stop.timeout = what.stop_timeout;
  spec.log.file = what.log_file;
  return spec;
}

}  // namespace workspaced::state
