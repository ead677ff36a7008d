#include "config/lifecycle_keys.hpp"

#include "core/exit_status.hpp"

#include <array>

namespace workspaced::config {
namespace {

using core::backoff_spec;
using core::dependency_spec;
using core::hooks_spec;
using core::schedule_spec;
using core::service_spec;
using core::stop_spec;

constexpr double largest_factor = 1000;

void read_signal(stop_spec& into, const field& from) {
  const auto name = from.text();
  if (!name) return;
  into.signal = core::signal_number(*name);
  if (into.signal == 0) from.complain("\"" + *name + "\" is no signal; write it like \"TERM\" or \"INT\"");
}

constexpr std::array backoff_table = {
    key<backoff_spec>{"initial", "duration", "pause after the first failed run",
                      [](backoff_spec& into, const field& from) { put(into.initial, from.duration(true)); }},
    key<backoff_spec>{
        "factor", "number", "growth from one pause to the next, at least 1",
        [](backoff_spec& into, const field& from) { put(into.factor, from.number(1, largest_factor)); }},
    key<backoff_spec>{"max", "duration", "the longest pause",
                      [](backoff_spec& into, const field& from) { put(into.max, from.duration(true)); }},
    key<backoff_spec>{"jitter", "number", "share of the pause that is left to chance, 0 to 1",
                      [](backoff_spec& into, const field& from) { put(into.jitter, from.number(0, 1)); }},
    key<backoff_spec>{
        "reset_after", "duration", "a run this long clears the count of failures",
        [](backoff_spec& into, const field& from) { put(into.reset_after, from.duration(true)); }},
    key<backoff_spec>{
        "attempts", "integer", "failed runs in a row before it is given up; 0: never",
        [](backoff_spec& into, const field& from) { put(into.attempts, from.integer(0, 1'000'000)); }},
    key<backoff_spec>{
        "retry_failed_after", "duration", "one more try, each time so long after it was given up",
        [](backoff_spec& into, const field& from) { into.retry_failed_after = from.duration(true); }},
};

constexpr std::array stop_table = {
    key<stop_spec>{"signal", "signal", "what asks it to stop", read_signal},
    key<stop_spec>{"command", "command", "runs instead of the signal, which follows when it fails",
                   [](stop_spec& into, const field& from) { put(into.command, from.command()); }},
    key<stop_spec>{"timeout", "duration", "then all that is left of it is killed",
                   [](stop_spec& into, const field& from) { put(into.timeout, from.duration(true)); }},
};

std::optional<core::dependency_condition> read_condition(const field& from) {
  const auto chosen = from.one_of({"started", "ready", "completed"});
  if (!chosen) return std::nullopt;
  return static_cast<core::dependency_condition>(*chosen);
}

constexpr std::array hooks_table = {
    key<hooks_spec>{"before_start", "command", "runs before each start; its failure fails the start",
                    [](hooks_spec& into, const field& from) { put(into.before_start, from.command()); }},
    key<hooks_spec>{"after_ready", "command", "runs once a run is ready",
                    [](hooks_spec& into, const field& from) { put(into.after_ready, from.command()); }},
    key<hooks_spec>{"after_stop", "command", "runs after each run, however it ended",
                    [](hooks_spec& into, const field& from) { put(into.after_stop, from.command()); }},
    key<hooks_spec>{"timeout", "duration", "for each of them; then it is killed and has failed",
                    [](hooks_spec& into, const field& from) { put(into.timeout, from.duration(true)); }},
};

constexpr std::array dependency_table = {
    key<dependency_spec>{
        "condition", "started | ready | completed", "what must be so; ready otherwise",
        [](dependency_spec& into, const field& from) { put(into.condition, read_condition(from)); }},
    key<dependency_spec>{
        "timeout", "duration", "not so by then: the start has failed",
        [](dependency_spec& into, const field& from) { into.timeout = from.duration(true); }},
    key<dependency_spec>{"restart", "boolean", "a new run of the dependency restarts this service, too",
                         [](dependency_spec& into, const field& from) { put(into.restart, from.flag()); }},
};

void read_cron(schedule_spec& into, const field& from) {
  const auto text = from.text();
  if (!text) return;
  auto read = core::parse_cron(*text);
  if (!read) return from.complain(read.error(), "write it like \"0 */6 * * *\"");
  into.when = std::move(*read);
}

constexpr std::array schedule_table = {
    key<schedule_spec>{"cron", "cron", "minute hour day-of-month month day-of-week", read_cron},
    key<schedule_spec>{"time_zone", "text", "like Europe/Berlin; the daemon's own otherwise",
                       [](schedule_spec& into, const field& from) { put(into.time_zone, from.text()); }},
    key<schedule_spec>{"missed", "skip | run_once", "about times that passed while no daemon ran",
                       [](schedule_spec& into, const field& from) {
                         const auto chosen = from.one_of({"skip", "run_once"});
                         if (chosen) into.missed = static_cast<core::missed_runs>(*chosen);
                       }},
};

}  // namespace

std::span<const key<backoff_spec>> backoff_keys() { return backoff_table; }
std::span<const key<stop_spec>> stop_keys() { return stop_table; }
std::span<const key<hooks_spec>> hooks_keys() { return hooks_table; }
std::span<const key<dependency_spec>> dependency_keys() { return dependency_table; }
std::span<const key<schedule_spec>> schedule_keys() { return schedule_table; }

void read_dependencies(service_spec& into, const field& from) {
  if (std::holds_alternative<array>(from.raw().value)) {
    for (const field& each : from.elements()) {
      if (const auto name = each.text()) into.depends_on[*name] = {};
    }
    return;
  }
  for (const auto& [name, value] : from.entries()) {
    dependency_spec& needs = into.depends_on[name];
    if (std::holds_alternative<table>(value.raw().value)) {
      read_table<dependency_spec>(needs, value, dependency_table);
    } else {
      put(needs.condition, read_condition(value));
    }
  }
}

std::optional<core::end_action> read_end(const field& from) {
  const auto chosen = from.one_of({"none", "exit"});
  if (!chosen) return std::nullopt;
  return static_cast<core::end_action>(*chosen);
}

std::optional<schedule_spec> read_schedule(const field& from) {
  schedule_spec schedule;
  if (const auto* values = std::get_if<table>(&from.raw().value)) {
    read_table<schedule_spec>(schedule, from, schedule_table);
    if (!values->contains("cron")) from.complain("has no times", "cron = \"0 */6 * * *\"");
  } else {
    read_cron(schedule, from);
  }
  return schedule;
}

}  // namespace workspaced::config
