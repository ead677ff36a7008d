#include "config/service_keys.hpp"

#include "config/env_file.hpp"
#include "config/lifecycle_keys.hpp"
#include "config/probe_keys.hpp"
#include "config/process_keys.hpp"

#include <array>

namespace workspaced::config {
namespace {

using core::log_spec;
using core::service_spec;

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

void read_environment_files(service_spec& into, const field& from) {
  for (const auto& [name, value] : from.entries()) {
    if (const auto path = value.path_text()) put(into.environment[name], load_value_file(*path, value));
  }
}

void read_environment(service_spec& into, const field& from) {
  for (const auto& [name, value] : from.entries()) {
    if (name.empty() || name.find('=') != std::string::npos) value.complain("is no name of a variable");
    put(into.environment[name], value.text());
  }
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
    key<service_spec>{"environment_files", "table of paths",
                      "variables whose value is the content of a file, without its last line's end",
                      read_environment_files},
    key<service_spec>{
        "inherit_environment", "boolean",
        "the daemon's own variables, too; else PATH and what the user implies",
        [](service_spec& into, const field& from) { put(into.process.inherit_environment, from.flag()); }},
    key<service_spec>{
        "user", "text", "name or number; the daemon must be root",
        [](service_spec& into, const field& from) { put(into.process.identity.user, from.text()); }},
    key<service_spec>{
        "group", "text", "name or number; the user's own otherwise",
        [](service_spec& into, const field& from) { put(into.process.identity.group, from.text()); }},
    key<service_spec>{
        "groups", "array of strings", "supplementary groups; the user's own otherwise",
        [](service_spec& into, const field& from) { into.process.identity.groups = from.texts(); }},
    key<service_spec>{"umask", "octal text", "like \"027\"",
                      [](service_spec& into, const field& from) { into.process.umask = read_umask(from); }},
    key<service_spec>{
        "nice", "integer", "-20 to 19",
        [](service_spec& into, const field& from) { put(into.process.nice, from.integer(-20, 19)); }},
    key<service_spec>{"oom_score_adj", "integer", "-1000 to 1000: who goes first when memory runs out",
                      [](service_spec& into, const field& from) {
                        put(into.process.oom_score_adj, from.integer(-1000, 1000));
                      }},
    key<service_spec>{
        "no_new_privs", "boolean", "nothing it executes gains rights (setuid, capabilities)",
        [](service_spec& into, const field& from) { put(into.process.no_new_privs, from.flag()); }},
    key<service_spec>{"limits", "table", "what its processes may use",
                      [](service_spec& into, const field& from) { read_limits(into.process.limits, from); }},
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
    key<service_spec>{"depends_on", "table of started | ready | completed, or of tables",
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
    key<service_spec>{"schedule", "cron or table", "when a task runs, beside the start of the daemon",
                      [](service_spec& into, const field& from) {
                        into.schedule = read_schedule(from);
                        if (into.kind != core::service_kind::task)
                          from.complain("only a task has a schedule", "kind = \"task\"");
                      }},
    key<service_spec>{
        "hooks", "table", "commands around its runs",
        [](service_spec& into, const field& from) { read_table(into.hooks, from, hooks_keys()); }},
    key<service_spec>{"on_failure", "none | exit",
                      "exit: when it has failed for good, the daemon stops everything and ends with its code",
                      [](service_spec& into, const field& from) { put(into.on_failure, read_end(from)); }},
    key<service_spec>{"on_success", "none | exit", "the same when it has ended well and is not restarted",
                      [](service_spec& into, const field& from) { put(into.on_success, read_end(from)); }},
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
