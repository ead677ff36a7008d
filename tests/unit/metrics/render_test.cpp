#include "metrics/render.hpp"

#include "unit/metrics/text_check.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace workspaced::metrics {
namespace {

using namespace std::chrono_literals;

core::service_view named(std::string name, core::status state) {
  core::service_view out;
  out.name = std::move(name);
  out.state = state;
  return out;
}

/// A service of which everything is known, one of which nothing is, and a task that was killed.
observation everything() {
  observation seen;
  seen.now = std::chrono::system_clock::time_point(1795442706789ms);
  seen.fleet.daemon.version = "0.1.0";
  auto web = named("web", core::status::ready);
  web.up_for = 1min + 9ms;
  web.ready_after = 1s + 500ms;
  web.restarts = {3, 0, 0, 0, 0, 1};
  web.last_run = core::ended_run{3, core::exited{4}, "exit code 4", 61s, 1s};
  web.log_bytes = {6, 12'345'678'901};
  auto job = named("job \"7\"", core::status::failed);
  job.last_run = core::ended_run{1, core::signaled{SIGKILL, false}, "killed by SIGKILL", 1s, 1s};
  auto ghost = named("ghost", core::status::backoff);
  ghost.last_run = core::ended_run{1, std::nullopt, "cannot start", 1s, 0s};
  seen.fleet.services = {ghost, job, web};
  core::probe_statistics probe{"web", core::probe_kind::live, {}, 7, 12.5, 2};
  probe.buckets = {0, 1, 2, 3, 4, 5, 5, 5, 5, 5, 6, 6};
  seen.fleet.probes = {probe};
  core::door_view door{"web", "web", "stdio", true, "Web 2", 11, 0, "", {}};
  door.figures.outcomes[static_cast<std::size_t>(core::door_outcome::lost)] = 4;
  door.figures.buckets = {1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2};
  door.figures.count = 3;
  door.figures.sum_seconds = 900.5;
  door.figures.held = 2;
  seen.fleet.doors = {door};
  seen.usage["web"] = {1.25, 64'000'000, 11};
  seen.self = process_facts{0.5, 3'000'000, 9'000'000, 1795442616.75, 20, 1024};
  return seen;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(metrics_render, is_clean_in_both_formats) {
  for (const auto how : {format::text, format::openmetrics}) {
    EXPECT_EQ(test::faults_of(render(everything(), how), how), std::vector<std::string>{});
    EXPECT_EQ(test::faults_of(render({}, how), how), std::vector<std::string>{});
  }
}

TEST(metrics_render, has_a_sample_for_every_known_fact) {
  const std::string text = render(everything(), format::text);
  for (const auto* line : {
           R"(workspaced_build_info{version="0.1.0"} 1)",
           R"(workspaced_service_state{service="web",state="ready"} 1)",
           R"(workspaced_service_state{service="web",state="degraded"} 0)",
           R"(workspaced_service_state{service="ghost",state="backoff"} 1)",
           R"(workspaced_service_restarts_total{service="web",cause="exit"} 3)",
           R"(workspaced_service_restarts_total{service="web",cause="request"} 1)",
           R"(workspaced_service_restarts_total{service="ghost",cause="ready_timeout"} 0)",
           R"(workspaced_service_start_seconds{service="web"} 1795442646.8)",
           R"(workspaced_service_ready_seconds{service="web"} 1.5)",
           R"(workspaced_service_exit_code{service="web"} 4)",
           R"(workspaced_service_exit_code{service="job \"7\""} 137)",
           R"(workspaced_service_cpu_seconds_total{service="web"} 1.25)",
           R"(workspaced_service_memory_bytes{service="web"} 64000000)",
           R"(workspaced_service_open_fds{service="web"} 11)",
           R"(workspaced_service_log_bytes_total{service="web",stream="stdout"} 6)",
           R"(workspaced_service_log_bytes_total{service="web",stream="stderr"} 12345678901)",
           R"(workspaced_probe_duration_seconds_bucket{service="web",probe="live",le="0.0025"} 1)",
           R"(workspaced_probe_duration_seconds_bucket{service="web",probe="live",le="5"} 6)",
           R"(workspaced_probe_duration_seconds_bucket{service="web",probe="live",le="+Inf"} 7)",
           R"(workspaced_probe_duration_seconds_sum{service="web",probe="live"} 12.5)",
           R"(workspaced_probe_duration_seconds_count{service="web",probe="live"} 7)",
           R"(workspaced_probe_failures_total{service="web",probe="live"} 2)",
           R"(workspaced_mcp_door_open{server="web"} 1)",
           R"(workspaced_mcp_requests_total{server="web",outcome="lost"} 4)",
           R"(workspaced_mcp_requests_total{server="web",outcome="answered"} 0)",
           R"(workspaced_mcp_request_seconds_bucket{server="web",le="0.005"} 2)",
           R"(workspaced_mcp_request_seconds_count{server="web"} 3)",
           R"(workspaced_mcp_held{server="web"} 2)",
           "process_cpu_seconds_total 0.5",
           "process_max_fds 1024",
           "process_open_fds 20",
           "process_resident_memory_bytes 3000000",
           "process_start_time_seconds 1795442616.75",
           "process_virtual_memory_bytes 9000000",
       }) {
    EXPECT_TRUE(has_line(text, line)) << line << "\nis not in\n" << text;
  }
}

TEST(metrics_render, is_in_exactly_one_state) {
  for (const core::status state : core::all_statuses) {
    observation seen;
    seen.fleet.services = {named("web", state)};
    const std::string text = render(seen, format::text);
    for (const core::status each : core::all_statuses) {
      const std::string name(core::to_string(each));
      const std::string line = "workspaced_service_state{service=\"web\",state=\"" + name + "\"} ";
      EXPECT_TRUE(has_line(text, line + (each == state ? "1" : "0"))) << line;
    }
  }
}

TEST(metrics_render, leaves_out_what_is_not_known) {
  auto seen = everything();
  seen.usage.clear();
  seen.self.reset();
  const std::string text = render(seen, format::text);
  for (const auto* absent : {"memory_bytes", "cpu_seconds", "open_fds", "process_",
                             "exit_code{service=\"ghost\"}", "start_seconds{service=\"ghost\"}"}) {
    EXPECT_EQ(text.find(absent), std::string::npos) << absent;
  }
}

TEST(metrics_render, shows_the_same_start_when_the_two_clocks_disagree_a_little) {
  auto seen = everything();
  const std::string first = render(seen, format::text);
  seen.now += 15s;
  seen.fleet.services[2].up_for = *seen.fleet.services[2].up_for + 15s + 3ms;
  EXPECT_EQ(render(seen, format::text), first);
}

}  // namespace
}  // namespace workspaced::metrics
