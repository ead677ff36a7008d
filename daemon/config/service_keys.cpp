#include "config/service_keys.hpp"

#include "config/env_file.hpp"
#include "config/probe_keys.hpp"
#include "core/exit_status.hpp"

#include <array>

namespace workspaced::config {
namespace {

using core::backoff_spec;
using core::log_spec;
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
};

constexpr std::array stop_table = {
    key<stop_spec>{"signal", "signal", "what asks it to stop", read_signal},
    key<stop_spec>{"timeout", "duration", "then the whole process group is killed",
                   [](stop_spec& into, const field& from) { put(into.timeout, from.duration(true)); }},
};

constexpr std::array log_table = {
    key<log_spec>{"max_size", "size", "rotate before the file grows beyond this; 0: never",
                  [](log_spec& into, const field& from) { put(into.max_size, from.size()); }},
    key<log_spec>{"keep", "integer", "rotated files to keep",
                  [](log_spec& into, const field& from) { put(into.keep, from.integer(0, 1000)); }},
    key<log_spec>{"file", "path",
                  "instead of <log_dir>/NAME/NAME.log; without a slash: within <log_dir>/NAME",
                  [](log_spec& into, const field& from) {
                    const auto text = from.text();
                    const bool bare =
                        text && !text->empty() && text->find('/') == std::string::npos && (*text)[0] != '~';
                    bare ? static_cast<void>(into.file = *text) : put(into.file, from.path_text());
                  }},
};

void read_env_files(service_spec& into, const field& from) {
  for (const field& each : from.elements()) {
    const auto path = each.path_text();
    if (path) load_env_file(*path, each, into.environment);
  }
}

void read_environment(service_spec& into, const field& from) {
  for (const auto& [name, value] : from.entries()) {
    if (name.empty() || name.find('=') != std::string::npos) value.complain("is no name of a variable");
    put(into.environment[name], value.text());
  }
}

std::optional<core::dependency_condition> read_condition(const field& from) {
  const auto chosen = from.one_of({"started", "ready", "completed"});
  if (!chosen) return std::nullopt;
  return static_cast<core::dependency_condition>(*chosen);
}

void read_dependencies(service_spec& into, const field& from) {
  if (std::holds_alternative<array>(from.raw().value)) {
    for (const field& each : from.elements()) {
      if (const auto name = each.text()) into.depends_on[*name] = core::dependency_condition::ready;
    }
    return;
  }
  for (const auto& [name, value] : from.entries()) put(into.depends_on[name], read_condition(value));
}

void read_exit_codes(service_spec& into, const field& from) {
  if (!std::holds_alternative<array>(from.raw().value)) return from.complain("must be an array of integers");
  into.success_exit_codes.clear();
  for (const field& each : from.elements()) {
    if (const auto code = each.integer(0, 255)) into.success_exit_codes.push_back(static_cast<int>(*code));
  }
  if (from.elements().empty()) from.complain("must name at least one exit code");
}

void read_restart(service_spec& into, const field& from) {
  const auto chosen = from.one_of({"always", "on-failure", "never"});
  if (chosen) into.restart = static_cast<core::restart_policy>(*chosen);
  if (into.kind == core::service_kind::task && into.restart == core::restart_policy::always) {
    from.complain("a task cannot restart always: it would never complete", "use \"on-failure\" or \"never\"");
  }
}

// `kind` stands before `restart`, whose default and meaning depend on it.
constexpr std::array service_table = {
    key<service_spec>{"command", "command",
                      "the program and its arguments; split like a shell would, but without a shell",
                      [](service_spec& into, const field& from) { put(into.command, from.command()); }},
    key<service_spec>{"working_dir", "path", "where it runs; the daemon's directory otherwise",
                      [](service_spec& into, const field& from) { put(into.working_dir, from.path_text()); }},
    key<service_spec>{"env_file", "path or array of paths", "files of NAME=value lines", read_env_files},
    key<service_spec>{"environment", "table of strings",
                      "variables beside the daemon's own and those of env_file", read_environment},
    key<service_spec>{"kind", "service | task", "a task runs once and completes",
                      [](service_spec& into, const field& from) {
                        const auto chosen = from.one_of({"service", "task"});
                        if (!chosen) return;
                        into.kind = static_cast<core::service_kind>(*chosen);
                        if (into.kind == core::service_kind::task) into.restart = core::restart_policy::never;
                      }},
    key<service_spec>{"autostart", "boolean", "start it with the daemon",
                      [](service_spec& into, const field& from) { put(into.autostart, from.flag()); }},
    key<service_spec>{"required", "boolean", "it counts for /health and for up --wait",
                      [](service_spec& into, const field& from) { put(into.required, from.flag()); }},
    key<service_spec>{"depends_on", "table of started | ready | completed",
                      "what must be so before it starts", read_dependencies},
    key<service_spec>{"restart", "always | on-failure | never", "what follows an exit; never for a task",
                      read_restart},
    key<service_spec>{"success_exit_codes", "array of integers", "exit codes that are no failure",
                      read_exit_codes},
    key<service_spec>{
        "backoff", "table", "pauses between failed runs",
        [](service_spec& into, const field& from) { read_table(into.backoff, from, backoff_keys()); }},
    key<service_spec>{
        "stop", "table", "how it is stopped",
        [](service_spec& into, const field& from) { read_table(into.stop, from, stop_keys()); }},
    key<service_spec>{"log", "table", "where its output goes",
                      [](service_spec& into, const field& from) { read_table(into.log, from, log_keys()); }},
    key<service_spec>{"ready", "table",
                      "startup probe: not ready until it succeeds; without it, running is ready",
                      [](service_spec& into, const field& from) { into.ready = read_ready(from); }},
    key<service_spec>{"live", "table", "probe while it is ready",
                      [](service_spec& into, const field& from) { into.live = read_live(from); }},
};

}  // namespace

std::span<const key<service_spec>> service_keys() { return service_table; }
std::span<const key<backoff_spec>> backoff_keys() { return backoff_table; }
std::span<const key<stop_spec>> stop_keys() { return stop_table; }
std::span<const key<log_spec>> log_keys() { return log_table; }

service_spec read_service(const std::string& name, const field& from) {
  service_spec spec;
  spec.name = name;
  read_table(spec, from, service_keys());
  const auto* values = std::get_if<table>(&from.raw().value);
  if (values != nullptr && !values->contains("command"))
    from.complain("has no command", "command = \"program argument\"");
  return spec;
}

}  // namespace workspaced::config
