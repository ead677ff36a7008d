// What the API's routes ask of the daemon, answered by the supervisor and its neighbours.
#pragma once

#include "api/control.hpp"
#include "app/event_hub.hpp"
#include "door/doors.hpp"
#include "state/edits.hpp"
#include "supervisor/supervisor.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace workspaced::app {

class control : public api::control {
 public:
  struct parts {
    supervisor::supervisor& services;
    door::doors& doors;
    event_hub& events;
    api::registry& registrations;
    std::string config_file;
    const core::daemon_spec& settings;
    const state::edits& edits;
    std::function<api::reload_outcome(bool dry_run)> reload;
    /// With its definition: added; without: removed.
    std::function<api::reload_outcome(const std::string& name, const std::optional<std::string>& definition)>
        edit;
    std::function<void()> shutdown;
    std::function<boost::asio::awaitable<boost::system::result<api::upgrade_begun, api::refusal>>()> upgrade;
  };

  explicit control(parts all);

  [[nodiscard]] core::fleet_view view() const override;
  api::outcome start(const std::vector<std::string>& names) override;
  api::outcome stop(const std::vector<std::string>& names) override;
  api::outcome restart(const std::vector<std::string>& names) override;
  api::reload_outcome reload(bool dry_run) override;
  api::reload_outcome add(const std::string& name, const std::string& definition) override;
  api::reload_outcome remove(const std::string& name) override;
  void shutdown() override;
  [[nodiscard]] std::optional<boost::system::result<core::environment_map, api::refusal>> environment(
      const std::string& name) const override;
  boost::asio::awaitable<boost::system::result<api::upgrade_begun, api::refusal>> upgrade() override {
    return all_.upgrade();
  }
  [[nodiscard]] std::unique_ptr<api::event_source> subscribe() override;
  [[nodiscard]] std::unique_ptr<http::stream> open_log(const std::string& name, std::size_t tail_lines,
                                                       bool follow) override;
  [[nodiscard]] api::registry& registrations() override { return all_.registrations; }

 private:
  using request = void (supervisor::supervisor::*)(const std::vector<std::string>&);
  api::outcome pass_on(request what, const std::vector<std::string>& names);

  parts all_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace workspaced::app
