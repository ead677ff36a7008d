// Fleets for tests, as values and as the daemon's documents.
#pragma once

#include "core/snapshot.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace workspaced::test {

inline core::service_view service(std::string name, core::status state, std::string reason = "because") {
  core::service_view out;
  out.name = std::move(name);
  out.state = state;
  out.wanted = true;
  out.reason = std::move(reason);
  out.run = 1;
  const bool runs = state == core::status::starting || state == core::status::ready ||
                    state == core::status::degraded || state == core::status::stopping;
  if (runs) out.pid = 100;
  if (runs) out.up_for = std::chrono::seconds(5);
  return out;
}

inline core::fleet_view fleet(std::vector<core::service_view> services) {
  core::fleet_view out;
  out.services = std::move(services);
  out.daemon.config_file = "/etc/workspaced/workspaced.toml";
  out.daemon.pid = 4242;
  out.daemon.version = "0.1.0";
  return out;
}

/// One service's document, as short as it may be. `more` is further members:
/// R"("run":2)".
inline std::string document(const std::string& name, const std::string& state, const std::string& more = "") {
  return R"({"name":")" + name + R"(","kind":"service","state":")" + state + R"(","reason":"it is )" + state +
         R"(","required":true,"autostart":true,"wanted":true)" + (more.empty() ? "" : "," + more) + "}";
}

/// The answer of GET /v1/services.
inline std::string fleet_document(const std::vector<std::string>& services, bool stopping = false) {
  std::string out =
      R"({"daemon":{"version":"0.1.0","pid":4242,"config_file":"/w.toml","state_dir":"/s","log_dir":"/l","stopping":)";
  out += stopping ? "true" : "false";
  out += R"(},"healthy":true,"services":[)";
  for (const auto& it : services) out += (out.back() == '[' ? "" : ",") + it;
  return out + "]}";
}

inline std::string snapshot_event(const std::vector<std::string>& services) {
  return "event: snapshot\ndata: " + fleet_document(services) + "\n\n";
}

inline std::string service_event(const std::string& service) {
  return "event: service\ndata: {\"previous\":\"x\",\"service\":" + service + "}\n\n";
}

}  // namespace workspaced::test
