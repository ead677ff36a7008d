// What the routes ask of the daemon. A port: the composition root implements it, tests fake it.
#pragma once

#include "api/registrations.hpp"
#include "api/upgrade.hpp"
#include "core/snapshot.hpp"
#include "http/message.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace workspaced::api {

struct refusal {
  enum class kind { not_found, conflict, shutting_down };

  kind why = kind::conflict;
  std::string message;
};

/// Accepted, or not. Accepted means begun, not done.
using outcome = boost::system::result<void, refusal>;

/// What a reload did, or would do: services by name, each list sorted. `needs_daemon_restart` are the keys of
/// the configuration that changed but are read at the daemon's start only.
struct reload_report {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> restarted;
  std::vector<std::string> changed;
  std::vector<std::string> unchanged;
  std::vector<std::string> needs_daemon_restart;
};

/// Why the configuration was not taken: every error of every file, "file:line:column: key.path: what is
/// wrong".
struct reload_errors {
  std::vector<std::string> diagnostics;
};

using reload_outcome = std::variant<reload_report, reload_errors, refusal>;

struct service_event {
  core::service_view service;
  core::status previous = core::status::stopped;
};

/// One listener's share of the changes. It keeps at most one entry for each service, however slow the
/// listener is: what it hands out is the latest view, with the state in which the listener last saw the
/// service as `previous`.
class event_source {
 public:
  virtual ~event_source() = default;

  /// The next change; nullopt when the daemon stops. Cancellation (terminal) ends the wait with nullopt and
  /// takes no change away: a later call gets it.
  virtual boost::asio::awaitable<std::optional<service_event>> next() = 0;
};

class control {
 public:
  virtual ~control() = default;

  [[nodiscard]] virtual core::fleet_view view() const = 0;

  /// Requests by name. The routes have checked the names against `view()`.
  virtual outcome start(const std::vector<std::string>& names) = 0;
  virtual outcome stop(const std::vector<std::string>& names) = 0;
  virtual outcome restart(const std::vector<std::string>& names) = 0;

  /// Reads the configuration again. A bad one changes nothing; with `dry_run` a good one does not either.
  virtual reload_outcome reload(bool dry_run) = 0;

  /// A service more, described as in [services.NAME], or one less, until the next reload. What is wrong
  /// changes nothing. One of the files cannot be replaced.
  virtual reload_outcome add(const std::string& name, const std::string& definition) = 0;
  virtual reload_outcome remove(const std::string& name) = 0;

  /// Begins to stop all services and then the daemon. Again: no effect.
  virtual void shutdown() = 0;

  /// Tries the program that lies where ours lay, and begins to become it. A bad one changes nothing.
  virtual boost::asio::awaitable<boost::system::result<upgrade_begun, refusal>> upgrade() = 0;

  /// The changes from now on.
  [[nodiscard]] virtual std::unique_ptr<event_source> subscribe() = 0;

  /// What a process of the service is given, secrets left out. Nothing: no such service. Fails with a
  /// sentence when it could not be started.
  [[nodiscard]] virtual std::optional<boost::system::result<core::environment_map, refusal>> environment(
      const std::string& name) const = 0;

  /// The last `tail_lines` lines of a service's log and, with `follow`, what comes after. Null: no such
  /// service.
  [[nodiscard]] virtual std::unique_ptr<http::stream> open_log(const std::string& name,
                                                               std::size_t tail_lines, bool follow) = 0;

  /// What programs are told about our MCP servers.
  [[nodiscard]] virtual registry& registrations() = 0;
};

}  // namespace workspaced::api
