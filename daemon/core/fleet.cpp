#include "core/fleet.hpp"

#include "core/fingerprint.hpp"

#include <algorithm>
#include <utility>

namespace workspaced::core {
namespace {

/// Has a process, or may have one any moment.
bool is_up(const service& subject) { return current_run(subject) != nullptr; }

bool is_done(const service& subject) { return status_of(subject) == status::completed; }

/// A reload starts what is at rest and would be started by a daemon that reads the same file: what has
/// failed, what was made from something else, what is newly to be started. Not what somebody stopped by hand,
/// and not what runs by the clock.
bool tries_again(const service& subject, const service_spec& before, const service_spec& after) {
  if (is_up(subject) || subject.paused) return false;
  const bool another = needs_new_process(before, after);
  switch (status_of(subject)) {
    case status::failed: return subject.wanted;
    case status::backoff: return another;
    case status::completed: return another && subject.wanted && !after.schedule;
    case status::stopped: return after.autostart && (another || !before.autostart);
    default: return false;
  }
}

}  // namespace

reload_plan plan_reload(const service_map& before, const service_map& after) {
  reload_plan plan;
  for (const auto& [name, old] : before) {
    if (!after.contains(name)) plan.removed.push_back(name);
  }
  for (const auto& [name, spec] : after) {
    const auto old = before.find(name);
    if (old == before.end()) {
      plan.added.push_back(name);
    } else if (old->second == spec) {
      plan.unchanged.push_back(name);
    } else {
      (needs_new_process(old->second, spec) ? plan.restarted : plan.changed).push_back(name);
    }
  }
  return plan;
}

orders fleet::configure(const service_map& services, time_point now, renewal why) {
  orders out;
  const bool first = !std::exchange(configured_, true);
  for (auto& [name, subject] : members_) {
    const auto wanted = services.find(name);
    if (wanted == services.end()) {
      touched_.insert(name);
      subject.removed = true;
      subject.state.wanted = false;
      subject.ask = pending::stop;
      continue;
    }
    subject.removed = false;
    const service_spec& latest = subject.next_spec ? *subject.next_spec : subject.spec;
    const bool again = !first && tries_again(subject.state, latest, wanted->second);
    if (latest == wanted->second) {
      if (again && why == renewal::reload) apply(name, subject, start_requested{}, now, out);
      continue;
    }
    if (is_up(subject.state) && needs_new_process(subject.spec, wanted->second)) {
      subject.next_spec = wanted->second;
      if (subject.state.wanted) subject.ask = pending::restart;
      call_followers(name);
    } else {
      subject.spec = wanted->second;
      subject.next_spec.reset();
      apply(name, subject, policy_changed{}, now, out);
      if (again) apply(name, subject, start_requested{}, now, out);
    }
  }
  for (const auto& [name, spec] : services) {
    auto [place, added] = members_.try_emplace(name);
    if (!added) continue;
    place->second.spec = spec;
    place->second.state.since = now;
    touched_.insert(name);
    if (spec.autostart) apply(name, place->second, start_requested{}, now, out);
  }
  settle(now, out);
  return out;
}

orders fleet::restore(const service_spec& spec, service state, const std::optional<event>& since,
                      bool outdated, time_point now) {
  orders out;
  member& subject = members_[spec.name];
  subject.spec = spec;
  subject.state = std::move(state);
  touched_.insert(spec.name);
  if (since) apply(spec.name, subject, *since, now, out);
  if (!is_up(subject.state) || status_of(subject.state) == status::stopping) return out;
  if (!subject.state.wanted) subject.ask = pending::stop;  // it waited for its dependants to be down
  if (subject.state.wanted && outdated) subject.ask = pending::restart;
  return out;
}

void fleet::want(const std::string& name, time_point now, orders& out) {
  member& subject = members_.at(name);
  for (const auto& [dependency, needs] : subject.spec.depends_on) {
    const service& other = members_.at(dependency).state;
    const bool rests = !other.wanted || status_of(other) == status::failed;
    if (rests && !is_met(dependency, needs.condition)) want(dependency, now, out);
  }
  // Whoever is to stop or to restart waits for his dependants to be down. A restart brings up what is wanted
  // up; one who was to stop stays as he is, unless he is of an earlier configuration.
  const bool up = is_up(subject.state);
  if (!up || subject.ask == pending::stop)
    subject.ask = up && subject.next_spec ? pending::restart : pending::none;
  apply(name, subject, start_requested{}, now, out);
}

orders fleet::start(const std::vector<std::string>& names, time_point now) {
  orders out;
  if (shutting_down_) return out;
  for (const std::string& name : names) want(name, now, out);
  settle(now, out);
  return out;
}

orders fleet::stop(const std::vector<std::string>& names, time_point now) {
  orders out;
  for (const std::string& name : names) {
    member& subject = members_.at(name);
    subject.state.wanted = false;
    subject.ask = pending::stop;
    touched_.insert(name);
  }
  settle(now, out);
  return out;
}

orders fleet::restart(const std::vector<std::string>& names, time_point now) {
  orders out;
  if (shutting_down_) return out;
  for (const std::string& name : names) {
    if (is_up(members_.at(name).state)) {
      members_.at(name).ask = pending::restart;
      call_followers(name);
    } else {
      want(name, now, out);
    }
  }
  settle(now, out);
  return out;
}

orders fleet::shutdown(time_point now) {
  shutting_down_ = true;
  return stop(names(), now);
}

orders fleet::handle(const std::string& name, const event& what, time_point now) {
  orders out;
  const auto place = members_.find(name);
  if (place == members_.end()) return out;
  apply(name, place->second, what, now, out);
  settle(now, out);
  return out;
}

orders fleet::advance(time_point now) {
  orders out;
  for (auto& [name, subject] : members_) {
    const auto due = core::next_deadline(subject.spec, subject.state);
    if (due && *due <= now) apply(name, subject, time_passed{}, now, out);
    const auto patience = patience_with_dependencies(subject);
    if (patience && *patience <= now) apply(name, subject, dependency_late{late_reason(subject)}, now, out);
  }
  settle(now, out);
  return out;
}

std::optional<time_point> fleet::next_deadline() const {
  std::optional<time_point> earliest;
  for (const auto& [name, subject] : members_) {
    const auto due = deadline_of(subject);
    if (due && (!earliest || *due < *earliest)) earliest = due;
  }
  return earliest;
}

std::optional<time_point> fleet::deadline_of(const member& subject) const {
  return status_of(subject.state) == status::waiting ? patience_with_dependencies(subject)
                                                     : core::next_deadline(subject.spec, subject.state);
}

/// When the first of the unmet dependencies is late.
std::optional<time_point> fleet::patience_with_dependencies(const member& subject) const {
  std::optional<time_point> earliest;
  if (status_of(subject.state) != status::waiting || subject.ask != pending::none) return earliest;
  for (const auto& [dependency, needs] : subject.spec.depends_on) {
    if (!needs.timeout || is_met(dependency, needs.condition)) continue;
    const time_point late = subject.state.since + *needs.timeout;
    if (!earliest || late < *earliest) earliest = late;
  }
  return earliest;
}

bool fleet::all_down() const {
  return std::none_of(members_.begin(), members_.end(),
                      [](const auto& entry) { return is_up(entry.second.state); });
}

std::vector<std::string> fleet::names() const {
  std::vector<std::string> all;
  all.reserve(members_.size());
  for (const auto& [name, subject] : members_) all.push_back(name);
  return all;
}

void fleet::apply(const std::string& name, member& subject, const event& what, time_point now, orders& out) {
  touched_.insert(name);
  step result = transition(subject.spec, std::move(subject.state), what, context{now, luck_.unit()});
  subject.state = std::move(result.next);
  for (effect& each : result.effects) out.push_back(order{name, std::move(each)});
}

/// Propagates until nothing moves: what one service does may allow another to start, to stop or to be
/// forgotten.
void fleet::settle(time_point now, orders& out) {
  for (bool moved = true; moved;) {
    moved = false;
    for (auto place = members_.begin(); place != members_.end();) {
      moved |= settle_one(place->first, place->second, now, out);
      const bool forget =
          place->second.removed && !is_up(place->second.state) && !dependants_hold(place->first);
      if (forget) {
        ++forgotten_;
        touched_.insert(place->first);
      }
      place = forget ? members_.erase(place) : std::next(place);
    }
  }
}

bool fleet::settle_one(const std::string& name, member& subject, time_point now, orders& out) {
  if (subject.next_spec && !is_up(subject.state)) {
    touched_.insert(name);
    subject.spec = std::move(*subject.next_spec);
    subject.next_spec.reset();
  }
  if (subject.ask != pending::none && (!is_up(subject.state) || !dependants_hold(name))) {
    const pending ask = std::exchange(subject.ask, pending::none);
    if (ask == pending::stop) {
      apply(name, subject, stop_requested{shutting_down_ ? "stopped with the daemon" : "stopped by request"},
            now, out);
    } else if (ask == pending::follow) {
      apply(name, subject, restart_requested{restart_cause::dependency, "restarting with " + subject.leader},
            now, out);
    } else {
      apply(name, subject, restart_requested{}, now, out);
    }
    return true;
  }
  if (status_of(subject.state) == status::waiting && may_start(subject)) {
    apply(name, subject, dependencies_met{}, now, out);
    call_followers(name);
    return true;
  }
  return false;
}

/// Those that are up and want a new run with each new run of this one, and those that follow them.
void fleet::call_followers(const std::string& name) {
  for (auto& [other, subject] : members_) {
    const auto needs = subject.spec.depends_on.find(name);
    if (needs == subject.spec.depends_on.end() || !needs->second.restart || !is_up(subject.state)) continue;
    if (subject.ask != pending::none || !subject.state.wanted || shutting_down_) continue;
    subject.ask = pending::follow;
    subject.leader = name;
    call_followers(other);
  }
}

/// A dependant that is being taken down with it, and is still up, goes first.
bool fleet::dependants_hold(const std::string& name) const {
  return std::any_of(members_.begin(), members_.end(), [&name](const auto& entry) {
    const member& other = entry.second;
    if (!other.spec.depends_on.contains(name) || !is_up(other.state)) return false;
    return other.ask != pending::none || status_of(other.state) == status::stopping;
  });
}

bool fleet::is_met(const std::string& dependency, dependency_condition condition) const {
  const auto place = members_.find(dependency);
  if (place == members_.end() || place->second.ask != pending::none) return false;
  const service& other = place->second.state;
  switch (condition) {
    case dependency_condition::started: {
      const run* current = current_run(other);
      return is_done(other) || (current != nullptr && current->pid && status_of(other) != status::stopping);
    }
    case dependency_condition::ready:
      return place->second.spec.kind == service_kind::task ? is_done(other)
                                                           : status_of(other) == status::ready;
    case dependency_condition::completed: return is_done(other);
  }
  return false;
}

bool fleet::may_start(const member& subject) const {
  return subject.state.wanted && !shutting_down_ && subject.ask == pending::none &&
         std::all_of(subject.spec.depends_on.begin(), subject.spec.depends_on.end(),
                     [this](const auto& entry) { return is_met(entry.first, entry.second.condition); });
}

}  // namespace workspaced::core
