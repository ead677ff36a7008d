#include "core/takeover.hpp"

#include <utility>

namespace workspaced::core {
namespace {

bool only_cleans_up(const service& subject) {
  const auto* stopping = std::get_if<in::stopping>(&subject.state);
  return stopping != nullptr && stopping->over;
}

/// Nobody remembers how far it was: as if it had just been started.
service started_unremembered(service remembered, std::uint64_t number, time_point now) {
  remembered.state = in::starting{{{number}, now, std::nullopt}, {now, 0}, false};
  remembered.wanted = true;
  remembered.reason = "found running";
  remembered.since = now;
  remembered.runs = number;
  remembered.ready_after.reset();
  return remembered;
}

void set_pid(service& subject, int pid) {
  if (auto* starting = std::get_if<in::starting>(&subject.state)) {
    starting->current.pid = pid;
    starting->preparing = false;
  }
  if (auto* stopping = std::get_if<in::stopping>(&subject.state)) stopping->current.pid = pid;
}

}  // namespace

std::uint64_t run_to_find(const service& remembered) {
  const run* current = current_run(remembered);
  return current == nullptr ? 0 : current->id.value;
}

takeover take_over(service remembered, const std::optional<run_remains>& found, time_point now) {
  if (found && found->run > remembered.runs)
    remembered = started_unremembered(std::move(remembered), found->run, now);
  const run* current = current_run(remembered);
  if (current == nullptr) return {std::move(remembered), std::nullopt};
  const run_id id = current->id;
  const bool is_it = found && found->run == id.value;
  const bool leader = is_it && found->leader.has_value();
  const bool others = is_it && found->others;
  const bool had_process = current->pid.has_value();
  if (!had_process && leader) set_pid(remembered, *found->leader);
  if (leader || only_cleans_up(remembered)) return {std::move(remembered), adopted{id}};
  if (remembered.last_run && remembered.last_run->id == id)  // its end was known, that of the others was not
    return {std::move(remembered), others ? event(adopted{id}) : event(group_gone{id})};
  if (!had_process && !others) return {std::move(remembered), adopted{id}};
  return {std::move(remembered), process_exited{id, unseen{}, others}};
}

}  // namespace workspaced::core
