#include "metrics/render.hpp"

#include "core/exit_status.hpp"

#include <cmath>

namespace workspaced::metrics {
namespace {

double seconds(core::duration value) { return std::chrono::duration<double>(value).count(); }

/// To a tenth: what is computed from two clocks must not look like a new run at every scrape.
double start_time(const observation& seen, core::duration age) {
  const auto now = seconds(seen.now.time_since_epoch());
  return std::round((now - seconds(age)) * 10) / 10;
}

void write_states(exposition_writer& out, const core::fleet_view& fleet) {
  out.family("workspaced_service_state", metric_type::gauge,
             "Whether the service is in this state: 1 for one of them.");
  for (const core::service_view& each : fleet.services) {
    for (const core::status state : core::all_statuses) {
      const std::uint64_t value = each.state == state ? 1 : 0;
      out.sample({{"service", each.name}, {"state", core::to_string(state)}}, value);
    }
  }
}

void write_restarts(exposition_writer& out, const core::fleet_view& fleet) {
  out.family("workspaced_service_restarts", metric_type::counter,
             "Runs after the first, by what made them necessary.");
  for (const core::service_view& each : fleet.services) {
    for (std::size_t i = 0; i < core::all_restart_causes.size(); ++i) {
      const auto cause = core::to_string(core::all_restart_causes[i]);
      out.sample({{"service", each.name}, {"cause", cause}}, each.restarts[i]);
    }
  }
}

void write_runs(exposition_writer& out, const observation& seen) {
  out.family("workspaced_service_start_seconds", metric_type::gauge,
             "Start of the current run in seconds since the Unix epoch, to a tenth.");
  for (const core::service_view& each : seen.fleet.services) {
    if (each.up_for) out.sample({{"service", each.name}}, start_time(seen, *each.up_for));
  }
  out.family("workspaced_service_ready_seconds", metric_type::gauge,
             "Time from start to ready of the current or last run.");
  for (const core::service_view& each : seen.fleet.services) {
    if (each.ready_after) out.sample({{"service", each.name}}, seconds(*each.ready_after));
  }
  out.family("workspaced_service_exit_code", metric_type::gauge,
             "Exit code of the last ended run, or 128 and the signal that killed it.");
  for (const core::service_view& each : seen.fleet.services) {
    if (!each.last_run || !each.last_run->status) continue;
    out.sample({{"service", each.name}}, static_cast<double>(core::shell_code(*each.last_run->status)));
  }
}

template <typename Value>
void write_usage(exposition_writer& out, const observation& seen, Value core::process_usage::*member) {
  for (const auto& [name, usage] : seen.usage) out.sample({{"service", name}}, usage.*member);
}

void write_usages(exposition_writer& out, const observation& seen) {
  out.family("workspaced_service_cpu_seconds", metric_type::counter,
             "CPU time of the service's main process.");
  write_usage(out, seen, &core::process_usage::cpu_seconds);
  out.family("workspaced_service_memory_bytes", metric_type::gauge,
             "Resident memory of the service's main process.");
  write_usage(out, seen, &core::process_usage::resident_bytes);
  out.family("workspaced_service_open_fds", metric_type::gauge,
             "Open file descriptors of the service's main process.");
  write_usage(out, seen, &core::process_usage::open_fds);
}

void write_logs(exposition_writer& out, const core::fleet_view& fleet) {
  out.family("workspaced_service_log_bytes", metric_type::counter,
             "Bytes that the service has written to its log.");
  for (const core::service_view& each : fleet.services) {
    out.sample({{"service", each.name}, {"stream", "stdout"}}, each.log_bytes[0]);
    out.sample({{"service", each.name}, {"stream", "stderr"}}, each.log_bytes[1]);
  }
}

void write_probes(exposition_writer& out, const core::fleet_view& fleet) {
  out.family("workspaced_probe_duration_seconds", metric_type::histogram,
             "How long probes took to answer or fail.");
  for (const core::probe_statistics& each : fleet.probes) {
    out.histogram({{"service", each.service}, {"probe", core::to_string(each.kind)}}, core::probe_bounds,
                  each.buckets, each.count, each.sum_seconds);
  }
  out.family("workspaced_probe_failures", metric_type::counter,
             "Probes that failed or had no answer in time.");
  for (const core::probe_statistics& each : fleet.probes) {
    out.sample({{"service", each.service}, {"probe", core::to_string(each.kind)}}, each.failures);
  }
}

void write_doors(exposition_writer& out, const core::fleet_view& fleet) {
  out.family("workspaced_mcp_door_open", metric_type::gauge,
             "1 while calls go to the server, 0 while they are held.");
  for (const core::door_view& each : fleet.doors)
    out.sample({{"server", each.name}}, std::uint64_t{each.open ? 1U : 0U});
  out.family("workspaced_mcp_requests", metric_type::counter,
             "Requests at the front door by how they ended.");
  for (const core::door_view& each : fleet.doors) {
    for (const core::door_outcome outcome : core::all_door_outcomes) {
      out.sample({{"server", each.name}, {"outcome", core::to_string(outcome)}},
                 each.figures.outcomes[static_cast<std::size_t>(outcome)]);
    }
  }
  out.family("workspaced_mcp_request_seconds", metric_type::histogram,
             "From a call at the front door to the end of its answer.");
  for (const core::door_view& each : fleet.doors) {
    out.histogram({{"server", each.name}}, core::door_bounds, each.figures.buckets, each.figures.count,
                  each.figures.sum_seconds);
  }
  out.family("workspaced_mcp_held", metric_type::gauge, "Calls that wait for the server now.");
  for (const core::door_view& each : fleet.doors)
    out.sample({{"server", each.name}}, std::uint64_t{each.figures.held});
  out.family("workspaced_mcp_calls_held", metric_type::counter, "Calls that had to wait for the server.");
  for (const core::door_view& each : fleet.doors)
    out.sample({{"server", each.name}}, each.figures.held_total);
  out.family("workspaced_mcp_calls_replayed", metric_type::counter,
             "Calls that were sent to the server again.");
  for (const core::door_view& each : fleet.doors) out.sample({{"server", each.name}}, each.figures.replayed);
}

/// Names and help texts as every Prometheus client library has them.
void write_self(exposition_writer& out, const process_facts& self) {
  out.family("process_cpu_seconds", metric_type::counter, "Total user and system CPU time spent in seconds.");
  out.sample({}, self.cpu_seconds);
  out.family("process_max_fds", metric_type::gauge, "Maximum number of open file descriptors.");
  out.sample({}, self.max_fds);
  out.family("process_open_fds", metric_type::gauge, "Number of open file descriptors.");
  out.sample({}, self.open_fds);
  out.family("process_resident_memory_bytes", metric_type::gauge, "Resident memory size in bytes.");
  out.sample({}, self.resident_bytes);
  out.family("process_start_time_seconds", metric_type::gauge,
             "Start time of the process since unix epoch in seconds.");
  out.sample({}, self.start_time);
  out.family("process_virtual_memory_bytes", metric_type::gauge, "Virtual memory size in bytes.");
  out.sample({}, self.virtual_bytes);
}

}  // namespace

std::string render(const observation& seen, format how) {
  exposition_writer out(how);
  out.family("workspaced_build_info", metric_type::gauge, "Always 1; the labels tell what runs.");
  out.sample({{"version", seen.fleet.daemon.version}}, std::uint64_t{1});
  write_states(out, seen.fleet);
  write_restarts(out, seen.fleet);
  write_runs(out, seen);
  write_usages(out, seen);
  write_logs(out, seen.fleet);
  write_probes(out, seen.fleet);
  write_doors(out, seen.fleet);
  if (seen.self) write_self(out, *seen.self);
  return out.take();
}

}  // namespace workspaced::metrics
