// All services together: who may start, who must wait, in which order they stop, and what a new configuration
// changes.
//
// Requests and events go in, orders come out (an effect for a named service). The fleet is the only owner of
// the services' states; it has no clock and no I/O, so a whole supervisor is simulated by feeding it events.
//
// Order: a service starts when each dependency meets its condition. Several services that are asked to stop
// together stop dependants first. A service asked to stop alone does not take its dependants with it.
#pragma once

#include "core/lifecycle.hpp"
#include "core/random.hpp"
#include "core/snapshot.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace workspaced::core {

/// Carry out `what` for the service. The answer, where there is one, comes back through `fleet::handle`.
struct order {
  std::string service;
  effect what;
};
using orders = std::vector<order>;

/// What a new configuration does to the services, by name, each list sorted.
struct reload_plan {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> restarted;  ///< the process must be a new one
  std::vector<std::string> changed;    ///< policy only: the process stays
  std::vector<std::string> unchanged;

  bool operator==(const reload_plan&) const = default;
};

/// The difference between two configurations. Pure; used for `--dry-run` and for the reload itself.
[[nodiscard]] reload_plan plan_reload(const service_map& before, const service_map& after);

/// What a new configuration comes from.
enum class renewal {
  reload,  ///< its files were read: those that have failed are tried again
  edit     ///< a service more or less: nobody is touched who is the same as before
};

class fleet {
 public:
  explicit fleet(std::uint64_t seed) : luck_(seed) {}

  /// Take over a configuration. New services with `autostart` start; removed ones stop and are then
  /// forgotten; changed ones are restarted where their process must be a new one and are up. From the second
  /// time on, what is at rest though it would be started by a new daemon is started. The specifications must
  /// be valid (no unknown dependencies, no cycles).
  orders configure(const service_map& services, time_point now, renewal why = renewal::reload);

  /// A service that an earlier daemon ran, as it left it, and what became of its run since: `adopted`,
  /// `process_exited`, `group_gone`; nothing when it has none. Before the first `configure`, which then
  /// compares it as at a reload: `outdated` says that its process is not one of the present specification.
  orders restore(const service_spec& spec, service state, const std::optional<event>& since, bool outdated,
                 time_point now);

  /// Requests by name; names must exist. `start` also starts the dependencies that are down and not met;
  /// `restart` also restarts those that are up and follow (`dependency_spec::restart`).
  orders start(const std::vector<std::string>& names, time_point now);
  orders stop(const std::vector<std::string>& names, time_point now);
  orders restart(const std::vector<std::string>& names, time_point now);

  /// Stop everything, dependants first, and start nothing any more.
  orders shutdown(time_point now);

  /// An event of one service. Unknown names and ended runs are ignored: late news is normal.
  orders handle(const std::string& name, const event& what, time_point now);

  /// Deadlines that have passed. Call it at `next_deadline()`.
  orders advance(time_point now);
  [[nodiscard]] std::optional<time_point> next_deadline() const;

  /// The services whose state or specification may differ since the last call: what is to be remembered anew.
  /// Those that are gone are among them.
  [[nodiscard]] std::set<std::string> take_touched() { return std::exchange(touched_, {}); }

  [[nodiscard]] bool shutting_down() const { return shutting_down_; }
  /// Nothing runs any more and nothing is being stopped.
  [[nodiscard]] bool all_down() const;

  /// Grows when a removed service is finally forgotten.
  [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }
  [[nodiscard]] bool knows(const std::string& name) const { return members_.contains(name); }
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] const service_spec& spec(const std::string& name) const { return members_.at(name).spec; }
  [[nodiscard]] const service& state(const std::string& name) const { return members_.at(name).state; }

  /// How a service looks from outside. Log fields are left empty: the core knows nothing of logs.
  [[nodiscard]] service_view view(const std::string& name, time_point now) const;

 private:
  enum class pending { none, stop, restart, follow };
  struct member {
    service_spec spec;
    std::optional<service_spec> next_spec;  ///< takes over when the present run is gone
    service state;
    pending ask = pending::none;  ///< asked for, waits for dependants to be down
    bool removed = false;
    std::string leader;  ///< of `pending::follow`: the dependency that it follows
  };
  using members = std::map<std::string, member>;

  void apply(const std::string& name, member& subject, const event& what, time_point now, orders& out);
  void settle(time_point now, orders& out);
  bool settle_one(const std::string& name, member& subject, time_point now, orders& out);
  [[nodiscard]] bool dependants_hold(const std::string& name) const;
  [[nodiscard]] bool is_met(const std::string& dependency, dependency_condition condition) const;
  [[nodiscard]] bool may_start(const member& subject) const;
  void call_followers(const std::string& name);
  [[nodiscard]] std::optional<time_point> patience_with_dependencies(const member& subject) const;
  [[nodiscard]] std::optional<time_point> deadline_of(const member& subject) const;
  [[nodiscard]] std::string late_reason(const member& subject) const;
  [[nodiscard]] std::string waiting_reason(const member& subject) const;
  void want(const std::string& name, time_point now, orders& out);

  members members_;
  splitmix luck_;
  bool configured_ = false;
  bool shutting_down_ = false;
  std::uint64_t forgotten_ = 0;
  std::set<std::string> touched_;
};

}  // namespace workspaced::core
