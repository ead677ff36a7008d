// How the fleet and its services look from outside.
#include "core/durations.hpp"
#include "core/fleet.hpp"
#include "core/probe_text.hpp"

#include <algorithm>
#include <string>

namespace workspaced::core {
namespace {

const char* in_words(dependency_condition condition) {
  switch (condition) {
    case dependency_condition::started: return "to be started";
    case dependency_condition::ready: return "to be ready";
    case dependency_condition::completed: return "to be completed";
  }
  return "";
}

probe_view view_of(const service_spec& spec, const probe_answer& answer, time_point now) {
  std::string target;
  if (answer.kind == probe_kind::ready && spec.ready) target = describe(spec.ready->target);
  if (answer.kind == probe_kind::live && spec.live) target = describe(spec.live->target);
  return {answer.kind, std::move(target), answer.ok, answer.text, now - answer.at};
}

}  // namespace

bool fleet_view::healthy() const {
  return !daemon.stopping && std::all_of(services.begin(), services.end(), [](const service_view& each) {
    return !each.counts() || each.is_ready();
  });
}

const service_view* fleet_view::find(const std::string& name) const {
  const auto place =
      std::find_if(services.begin(), services.end(), [&name](const auto& each) { return each.name == name; });
  return place == services.end() ? nullptr : &*place;
}

std::string fleet::waiting_reason(const member& subject) const {
  std::string text;
  for (const auto& [dependency, needs] : subject.spec.depends_on) {
    if (is_met(dependency, needs.condition)) continue;
    text += text.empty() ? "waiting for " : ", ";
    text += dependency + " " + in_words(needs.condition);
    const auto place = members_.find(dependency);
    if (place != members_.end())
      text += " (it is " + std::string(to_string(status_of(place->second.state))) + ")";
  }
  return text.empty() ? subject.state.reason : text;
}

/// Names the one whose patience was the shortest: it has ended.
std::string fleet::late_reason(const member& subject) const {
  const auto patience = [this](const auto& entry) {
    const dependency_spec& needs = entry.second;
    return needs.timeout && !is_met(entry.first, needs.condition) ? *needs.timeout : duration::max();
  };
  const auto& all = subject.spec.depends_on;
  const auto late = std::min_element(all.begin(), all.end(),
                                     [&](const auto& a, const auto& b) { return patience(a) < patience(b); });
  const auto place = members_.find(late->first);
  const auto state = place == members_.end() ? status::stopped : status_of(place->second.state);
  return "waited " + core::in_words(patience(*late)) + " for " + late->first + " " +
         in_words(late->second.condition) + " (it is " + std::string(to_string(state)) + ")";
}

service_view fleet::view(const std::string& name, time_point now) const {
  const member& subject = members_.at(name);
  const service& state = subject.state;
  service_view out;
  out.name = name;
  out.kind = subject.spec.kind;
  out.required = subject.spec.required;
  out.autostart = subject.spec.autostart;
  out.wanted = state.wanted;
  out.state = status_of(state);
  out.reason = out.state == status::waiting ? waiting_reason(subject) : state.reason;
  out.in_state = now - state.since;
  if (const run* current = current_run(state)) {
    out.pid = current->pid;
    out.up_for = now - current->since;
  }
  out.run = state.runs;
  out.ready_after = state.ready_after;
  out.restarts = state.restarts;
  out.failures = state.failures;
  if (state.last_run) {
    const finished_run& last = *state.last_run;
    out.last_run = ended_run{last.id.value, last.status, last.reason, now - last.ended, last.lasted};
  }
  if (state.probe) out.probe = view_of(subject.spec, *state.probe, now);
  if (const auto* backoff = std::get_if<in::backoff>(&state.state)) {
    out.next_retry = std::max(duration::zero(), duration(backoff->until - now));
  }
  if (const auto* failed = std::get_if<in::failed>(&state.state); failed && failed->retry_at) {
    out.next_retry = std::max(duration::zero(), duration(*failed->retry_at - now));
  }
  out.skipped = state.skipped;
  for (const auto& [dependency, needs] : subject.spec.depends_on) {
    const auto place = members_.find(dependency);
    const status other = place == members_.end() ? status::stopped : status_of(place->second.state);
    out.depends_on.push_back({dependency, needs.condition, is_met(dependency, needs.condition), other});
  }
  return out;
}

}  // namespace workspaced::core
