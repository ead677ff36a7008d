// The daemon's documents (openapi: /v1/services, /v1/events) as values. Unknown members are ignored and
// missing ones keep their default, so that a newer or older daemon can still be shown.
#pragma once

#include "core/snapshot.hpp"
#include "ctl/sse.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace workspaced::ctl {

/// Answer of GET /v1/services and data of `event: snapshot`; empty when it is no such document.
[[nodiscard]] std::optional<core::fleet_view> read_fleet(std::string_view json);

/// One service's document; empty when it is none.
[[nodiscard]] std::optional<core::service_view> read_service(std::string_view json);

/// The fleet as the events tell it.
class mirror {
 public:
  enum class change { none, snapshot, service, shutdown };

  /// What `event` changed. Events of unknown types and unreadable ones change nothing.
  change apply(const sse_event& event);

  [[nodiscard]] bool has_snapshot() const { return has_snapshot_; }
  [[nodiscard]] const core::fleet_view& fleet() const { return fleet_; }

 private:
  core::fleet_view fleet_;
  bool has_snapshot_ = false;
};

}  // namespace workspaced::ctl
