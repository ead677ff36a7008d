// The documents of the API. Pure: a view and the wall clock's time make a text.
//
// Every document is one line and ends without a newline. Durations are seconds with up to three decimals,
// points in time are RFC 3339 in UTC with milliseconds. Members are always there, with null where there is
// nothing to say. The order of members is part of what the tests hold. openapi.yaml describes all of them.
#pragma once

#include "api/control.hpp"
#include "core/snapshot.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::api {

/// The wall clock's time at which the view was taken: views know ages only.
using wall_time = std::chrono::system_clock::time_point;

/// GET /v1/services, and the first event of /v1/events.
[[nodiscard]] std::string fleet_document(const core::fleet_view& fleet, wall_time now);

/// GET /v1/services/<name>.
[[nodiscard]] std::string service_document(const core::service_view& service, wall_time now);

/// GET /v1/services/<name>/environment.
[[nodiscard]] std::string environment_document(const std::string& service, const core::environment_map& all);

/// Data of `event: service`.
[[nodiscard]] std::string event_document(const service_event& event, wall_time now);

/// GET /health.
[[nodiscard]] std::string health_document(const core::fleet_view& fleet);

/// GET /health/<service>.
[[nodiscard]] std::string health_document(const core::service_view& service, bool ok);

/// Answer of a request that has begun.
[[nodiscard]] std::string accepted_document(const std::vector<std::string>& names);

[[nodiscard]] std::string reload_document(const reload_report& report);

/// RFC 9457, with the extension `errors`.
[[nodiscard]] std::string problem_document(int status, std::string_view detail,
                                           const std::vector<std::string>& errors);

/// "2026-11-23T14:05:06.789Z"
[[nodiscard]] std::string rfc3339(wall_time when);

}  // namespace workspaced::api
