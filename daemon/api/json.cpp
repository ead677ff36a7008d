#include "api/json.hpp"

#include "api/json_writer.hpp"

#include <array>
#include <cstdio>
#include <numeric>

namespace workspaced::api {
namespace {

std::string_view to_string(core::service_kind value) {
  return value == core::service_kind::task ? "task" : "service";
}

std::string_view to_string(core::dependency_condition value) {
  switch (value) {
    case core::dependency_condition::started: return "started";
    case core::dependency_condition::ready: return "ready";
    case core::dependency_condition::completed: return "completed";
  }
  return "ready";
}

wall_time earlier(wall_time now, core::duration age) {
  return now - std::chrono::duration_cast<wall_time::duration>(age);
}

void write_restarts(json_writer& json, const core::service_view& service) {
  json.key("restarts");
  json.begin_object();
  for (std::size_t i = 0; i < core::all_restart_causes.size(); ++i) {
    json.member(core::to_string(core::all_restart_causes[i]), service.restarts[i]);
  }
  json.end_object();
  const std::uint64_t total =
      std::accumulate(service.restarts.begin(), service.restarts.end(), std::uint64_t{0});
  json.member("restarts_total", total);
}

void write_last_run(json_writer& json, const std::optional<core::ended_run>& last, wall_time now) {
  json.key("last_run");
  if (!last) return json.null();
  const auto* left = last->status ? std::get_if<core::exited>(&*last->status) : nullptr;
  const auto* killed = last->status ? std::get_if<core::signaled>(&*last->status) : nullptr;
  json.begin_object();
  json.member("run", last->run);
  json.member("text", last->reason);
  json.member("code", left != nullptr ? std::optional(left->code) : std::nullopt);
  json.member("signal", killed != nullptr ? std::optional(core::signal_name(killed->signal)) : std::nullopt);
  json.member("ended_at", rfc3339(earlier(now, last->age)));
  json.member("seconds_ago", last->age);
  json.member("lasted_seconds", last->lasted);
  json.end_object();
}

void write_probe(json_writer& json, const std::optional<core::probe_view>& probe) {
  json.key("probe");
  if (!probe) return json.null();
  json.begin_object();
  json.member("kind", core::to_string(probe->kind));
  json.member("target", probe->target);
  json.member("ok", probe->ok);
  json.member("answer", probe->answer);
  json.member("seconds_ago", probe->age);
  json.end_object();
}

void write_dependencies(json_writer& json, const std::vector<core::dependency_view>& all) {
  json.key("depends_on");
  json.begin_array();
  for (const core::dependency_view& each : all) {
    json.begin_object();
    json.member("name", each.name);
    json.member("condition", to_string(each.condition));
    json.member("met", each.met);
    json.member("state", core::to_string(each.state));
    json.end_object();
  }
  json.end_array();
  json.key("blocked_by");
  json.begin_array();
  for (const core::dependency_view& each : all) {
    if (!each.met) json.value(each.name);
  }
  json.end_array();
}

void write_service(json_writer& json, const core::service_view& service, wall_time now) {
  json.begin_object();
  json.member("name", service.name);
  json.member("kind", to_string(service.kind));
  json.member("state", core::to_string(service.state));
  json.member("reason", service.reason);
  json.member("required", service.required);
  json.member("autostart", service.autostart);
  json.member("until_reload", service.until_reload);
  json.member("wanted", service.wanted);
  json.member("ready", service.is_ready());
  json.member("pid", service.pid);
  json.member("run", service.run);
  json.member("since", rfc3339(earlier(now, service.in_state)));
  json.member("seconds_in_state", service.in_state);
  json.member("up_seconds", service.up_for);
  json.member("ready_after_seconds", service.ready_after);
  write_restarts(json, service);
  json.member("failures_in_row", service.failures);
  write_last_run(json, service.last_run, now);
  write_probe(json, service.probe);
  json.member("next_retry_in_seconds", service.next_retry);
  json.member("next_run_in_seconds", service.next_run);
  json.member("skipped_runs", service.skipped);
  write_dependencies(json, service.depends_on);
  json.key("warnings");
  json.begin_array();
  for (const std::string& each : service.warnings) json.value(each);
  json.end_array();
  json.member("log_file", service.log_file);
  json.key("log_bytes");
  json.begin_object();
  json.member("stdout", service.log_bytes[0]);
  json.member("stderr", service.log_bytes[1]);
  json.end_object();
  json.end_object();
}

void write_health(json_writer& json, const core::service_view& service) {
  json.member("state", core::to_string(service.state));
  json.member("ready", service.is_ready());
  json.member("required", service.required);
  json.member("reason", service.reason);
}

std::string_view status_text(bool ok) { return ok ? "ok" : "unavailable"; }

}  // namespace

void write_door(json_writer& json, const core::door_view& door) {
  json.begin_object();
  json.member("name", door.name);
  json.member("service", door.service);
  json.member("target", door.target);
  json.member("open", door.open);
  json.member("server", door.server);
  json.member("tools", door.tools);
  json.member("sessions", door.sessions);
  json.member("held", door.figures.held);
  json.member("replayed", door.figures.replayed);
  json.key("requests");
  json.begin_object();
  for (const core::door_outcome each : core::all_door_outcomes)
    json.member(core::to_string(each), door.figures.outcomes[static_cast<std::size_t>(each)]);
  json.end_object();
  json.member("problem", door.problem);
  json.end_object();
}

std::string fleet_document(const core::fleet_view& fleet, wall_time now) {
  json_writer json;
  json.begin_object();
  json.key("daemon");
  json.begin_object();
  json.member("version", fleet.daemon.version);
  json.member("pid", fleet.daemon.pid);
  json.member("uptime_seconds", fleet.daemon.uptime);
  json.member("config_file", fleet.daemon.config_file);
  json.member("state_dir", fleet.daemon.state_dir);
  json.member("log_dir", fleet.daemon.log_dir);
  json.member("stopping", fleet.daemon.stopping);
  json.key("removed_until_reload");
  json.begin_array();
  for (const std::string& each : fleet.daemon.removed) json.value(each);
  json.end_array();
  json.end_object();
  json.member("healthy", fleet.healthy());
  json.key("services");
  json.begin_array();
  for (const core::service_view& each : fleet.services) write_service(json, each, now);
  json.end_array();
  json.key("doors");
  json.begin_array();
  for (const core::door_view& each : fleet.doors) write_door(json, each);
  json.end_array();
  json.end_object();
  return json.take();
}

std::string service_document(const core::service_view& service, wall_time now) {
  json_writer json;
  write_service(json, service, now);
  return json.take();
}

std::string environment_document(const std::string& service, const core::environment_map& all) {
  json_writer json;
  json.begin_object();
  json.member("service", service);
  json.key("environment");
  json.begin_object();
  for (const auto& [name, value] : all) {
    json.key_of_any(name);
    json.value(value);
  }
  json.end_object();
  json.end_object();
  return json.take();
}

std::string event_document(const service_event& event, wall_time now) {
  json_writer json;
  json.begin_object();
  json.member("previous", core::to_string(event.previous));
  json.key("service");
  write_service(json, event.service, now);
  json.end_object();
  return json.take();
}

std::string health_document(const core::fleet_view& fleet) {
  json_writer json;
  json.begin_object();
  json.member("status", status_text(fleet.healthy()));
  json.key("services");
  json.begin_object();
  for (const core::service_view& each : fleet.services) {
    json.key_of_any(each.name);
    json.begin_object();
    write_health(json, each);
    json.end_object();
  }
  json.end_object();
  json.end_object();
  return json.take();
}

std::string health_document(const core::service_view& service, bool ok) {
  json_writer json;
  json.begin_object();
  json.member("status", status_text(ok));
  json.member("name", service.name);
  write_health(json, service);
  json.end_object();
  return json.take();
}

std::string accepted_document(const std::vector<std::string>& names) {
  json_writer json;
  json.begin_object();
  json.list("accepted", names);
  json.end_object();
  return json.take();
}

std::string reload_document(const reload_report& report) {
  json_writer json;
  json.begin_object();
  json.list("added", report.added);
  json.list("removed", report.removed);
  json.list("restarted", report.restarted);
  json.list("changed", report.changed);
  json.list("unchanged", report.unchanged);
  json.list("needs_daemon_restart", report.needs_daemon_restart);
  json.end_object();
  return json.take();
}

std::string problem_document(int status, std::string_view detail, const std::vector<std::string>& errors) {
  json_writer json;
  json.begin_object();
  json.member("type", "about:blank");
  json.member("title", http::reason_phrase(status));
  json.member("status", status);
  json.member("detail", detail);
  json.list("errors", errors);
  json.end_object();
  return json.take();
}

std::string rfc3339(wall_time when) {
  using namespace std::chrono;
  const auto day = floor<days>(when);
  const year_month_day date(day);
  const hh_mm_ss<milliseconds> clock(floor<milliseconds>(when - day));
  std::array<char, 96> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace workspaced::api
