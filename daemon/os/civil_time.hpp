// What the clock on the wall says in some place, by the time zones that are installed (/usr/share/zoneinfo).
#pragma once

#include "core/cron.hpp"

#include <ctime>
#include <optional>
#include <string>

namespace workspaced::os {

/// "Europe/Berlin"; empty: our own zone, which always is known.
[[nodiscard]] bool knows_zone(const std::string& zone);

[[nodiscard]] core::civil_minute civil_of(std::time_t moment, const std::string& zone);

/// The first moment after `now` at which the wall shows a time that matches. A time that a change of the
/// clocks leaves out is taken as the moment at which it would have been; one that comes twice is its first,
/// and its second if that is what comes next. Nothing when none comes.
[[nodiscard]] std::optional<std::time_t> next_moment(const core::cron& when, const std::string& zone,
                                                     std::time_t now);

}  // namespace workspaced::os
