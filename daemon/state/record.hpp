// What is remembered of one service.
#pragma once

#include "core/lifecycle.hpp"
#include "core/model.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace workspaced::state {

/// Times are those of CLOCK_MONOTONIC, so a record is worth something until the machine starts anew. Probes
/// are not remembered: they are asked again.
struct record {
  std::string service;
  core::service state;
  std::uint64_t leader_started =
      0;  ///< of the current run's first process, in clock ticks since boot; 0: unknown
  std::uint64_t fingerprint = 0;  ///< of what that process was made from (core/fingerprint.hpp)

  // Enough to stop it when the configuration does not know it any more.
  core::service_kind kind = core::service_kind::service;
  int stop_signal = 15;
  core::duration stop_timeout{};
  std::string log_file;
};

[[nodiscard]] record record_of(const core::service_spec& spec, const core::service& state,
                               std::uint64_t leader_started, std::string log_file);

/// A specification for a service that is only to be stopped.
[[nodiscard]] core::service_spec spec_for_removal(const record& what);

/// One line of JSON, without its end.
[[nodiscard]] std::string to_text(const record& what);
/// Fails with a word about what is wrong, never throws.
[[nodiscard]] boost::system::result<record, std::string> from_text(std::string_view text);

}  // namespace workspaced::state
