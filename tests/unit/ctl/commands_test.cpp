#include "unit/ctl/fake_daemon.hpp"
#include "unit/ctl/fleets.hpp"

namespace workspaced::ctl {
namespace {

using test::document;
using test::fleet_document;
using test::service_event;
using test::session;
using test::snapshot_event;

using strings = std::vector<std::string>;

void serve(session& it, const strings& services) {
  it.daemon.replies["GET /v1/services"] = {{200, fleet_document(services)}};
}

const std::string failed_web = document("web", "failed", R"("run":2,"failures_in_row":10)");

TEST(ctl_commands, no_daemon_is_exit_code_4_for_every_verb_that_needs_one) {
  for (const auto& words : {strings{"status"},
                            {"down"},
                            {"start", "a"},
                            {"stop", "a"},
                            {"restart", "a"},
                            {"logs"},
                            {"wait"},
                            {"why", "a"},
                            {"reload"},
                            {"mcp"},
                            {"health"}}) {
    session it;
    it.daemon.absent = true;
    EXPECT_EQ(it.run(words), exit_code::no_daemon) << words[0];
    EXPECT_EQ(it.err, "workspacectl: no daemon\n") << words[0];
    EXPECT_EQ(it.out, "");
  }
}

TEST(ctl_commands, errors_are_objects_with_json) {
  session it;
  it.daemon.absent = true;
  EXPECT_EQ(it.run({"status", "--json"}), exit_code::no_daemon);
  EXPECT_EQ(it.out, "{\"error\":\"no daemon\",\"exit_code\":4}\n");
  EXPECT_EQ(it.err, "");
}

TEST(ctl_commands, status_tells_health_by_its_exit_code) {
  session it;
  serve(it, {document("web", "ready")});
  EXPECT_EQ(it.run({"status"}), exit_code::done);
  EXPECT_NE(it.out.find("web"), std::string::npos);
  serve(it, {document("web", "starting")});
  EXPECT_EQ(it.run({"status"}), exit_code::failed);
  EXPECT_EQ(it.run({"status", "--json"}), exit_code::failed);
  EXPECT_EQ(it.out, fleet_document({document("web", "starting")}) + "\n") << "the raw document in one line";
}

TEST(ctl_commands, forbidden_is_exit_code_6) {
  session it;
  it.daemon.replies["GET /v1/services"] = {{403, R"({"title":"Forbidden","detail":"only uid 1000 may"})"}};
  EXPECT_EQ(it.run({"status"}), exit_code::not_permitted);
  EXPECT_EQ(it.err, "workspacectl: only uid 1000 may\n");
}

TEST(ctl_commands, up_starts_a_daemon_when_none_runs) {
  session it;
  it.daemon.absent = true;
  EXPECT_EQ(it.run({"up", "--config", "w.toml"}), exit_code::done);
  EXPECT_EQ(it.host.calls, (strings{"check w.toml", "start /w.toml"}));
  EXPECT_NE(it.out.find("workspaced is up (pid 4242)"), std::string::npos);
}

TEST(ctl_commands, up_prints_every_error_of_a_wrong_configuration) {
  session it;
  it.daemon.absent = true;
  it.host.config = failure(exit_code::configuration, "w.toml:1:1: a\nw.toml:2:1: b");
  EXPECT_EQ(it.run({"up"}), exit_code::configuration);
  EXPECT_EQ(it.err, "w.toml:1:1: a\nw.toml:2:1: b\n");
  EXPECT_EQ(it.host.calls, (strings{"check "})) << "nothing is started";
}

TEST(ctl_commands, up_reports_a_daemon_that_dies_at_once) {
  session it;
  it.daemon.absent = true;
  it.host.start = failure(exit_code::failed, "the daemon has ended: port in use");
  EXPECT_EQ(it.run({"up", "--wait"}), exit_code::failed);
  EXPECT_EQ(it.err, "workspacectl: the daemon has ended: port in use\n");
}

TEST(ctl_commands, up_wait_returns_when_all_required_are_ready) {
  session it;
  it.daemon.absent = true;
  it.daemon.streams["/v1/events"] = {snapshot_event({document("db", "starting"), document("web", "waiting")}),
                                     service_event(document("db", "ready", R"("ready_after_seconds":1.5)")),
                                     service_event(document("web", "ready"))};
  EXPECT_EQ(it.run({"up", "--wait"}), exit_code::done);
  EXPECT_EQ(it.out,
            "workspaced is up (pid 4242), configuration /w.toml\n"
            "db: starting: it is starting\nweb: waiting: it is waiting\n"
            "db: ready after 1.5 s\nweb: ready: it is ready\n"
            "2 of 2 required services are ready\n");
}

TEST(ctl_commands, up_wait_shows_the_last_log_lines_of_the_one_that_failed) {
  session it;
  it.daemon.absent = true;
  it.daemon.streams["/v1/events"] = {snapshot_event({document("web", "starting")}),
                                     service_event(failed_web)};
  it.daemon.replies["GET /v1/services/web/logs?tail=10"] = {{200, "one\nno such table\n"}};
  EXPECT_EQ(it.run({"up", "--wait"}), exit_code::failed);
  EXPECT_EQ(it.err,
            "web failed\nweb: failed: it is failed\n  10 failed runs in a row\n"
            "last log lines of web:\n  | one\n  | no such table\n");
}

TEST(ctl_commands, up_wait_out_of_time_names_probe_and_answer) {
  session it;
  it.daemon.absent = true;
  it.daemon.streams["/v1/events"] = {snapshot_event({document(
      "web", "starting",
      R"("probe":{"kind":"ready","target":"tcp 127.0.0.1:1","ok":false,"answer":"connection refused"})")})};
  EXPECT_EQ(it.run({"up", "--wait", "--timeout", "2s"}), exit_code::timed_out);
  EXPECT_NE(it.err.find("ready probe tcp 127.0.0.1:1: connection refused"), std::string::npos);
  EXPECT_EQ(it.err.find("log lines"), std::string::npos) << "nothing has failed";
}

TEST(ctl_commands, up_wait_out_of_time_asks_for_the_last_answer_of_the_probe) {
  session it;
  it.daemon.absent = true;
  it.daemon.streams["/v1/events"] = {snapshot_event({document("web", "starting")})};
  serve(it, {document("web", "starting",
                      R"("probe":{"kind":"ready","target":"x","ok":false,"answer":"500 Oops"})")});
  EXPECT_EQ(it.run({"up", "--wait", "--timeout", "2s"}), exit_code::timed_out);
  EXPECT_NE(it.err.find("500 Oops"), std::string::npos) << it.err;
}

TEST(ctl_commands, up_wait_out_of_time_with_a_crash_loop_is_a_failure) {
  session it;
  it.daemon.absent = true;
  it.daemon.streams["/v1/events"] = {
      snapshot_event({document("slow", "starting"), document("web", "backoff", R"("failures_in_row":2)")})};
  it.daemon.replies["GET /v1/services/web/logs?tail=10"] = {{200, "boom\n"}};
  EXPECT_EQ(it.run({"up", "--wait", "--timeout", "2s"}), exit_code::failed);
  EXPECT_NE(it.err.find("  | boom\n"), std::string::npos);
}

TEST(ctl_commands, up_wait_explains_what_a_waiting_service_waits_for) {
  session it;
  it.daemon.absent = true;
  const auto waiting = document(
      "web", "waiting", R"("depends_on":[{"name":"db","condition":"ready","met":false,"state":"starting"}])");
  auto optional = document("db", "starting");
  optional.replace(optional.find("\"required\":true"), 15, "\"required\":false");
  it.daemon.streams["/v1/events"] = {snapshot_event({optional, waiting})};
  EXPECT_EQ(it.run({"up", "--wait", "--timeout", "2s"}), exit_code::timed_out);
  EXPECT_NE(it.err.find("\ndb: starting: "), std::string::npos) << it.err;
}

TEST(ctl_commands, up_wait_when_the_daemon_dies_is_no_daemon) {
  session it;
  it.daemon.absent = true;
  it.daemon.streams["/v1/events"] = {snapshot_event({document("web", "starting")})};
  it.daemon.end = stream_end::closed;
  EXPECT_EQ(it.run({"up", "--wait"}), exit_code::no_daemon);
}

TEST(ctl_commands, up_reloads_a_daemon_that_runs_and_starts_what_was_stopped_by_hand) {
  session it;
  auto stopped = document("web", "stopped");
  stopped.replace(stopped.find("\"wanted\":true"), 13, "\"wanted\":false");
  serve(it, {stopped});
  it.daemon.replies["POST /v1/reload"] = {{200, "{}"}};
  it.daemon.replies["POST /v1/services/start"] = {{202, "{}"}};
  EXPECT_EQ(it.run({"up"}), exit_code::done);
  EXPECT_EQ(it.daemon.requests, (strings{"GET /v1/services", "POST /v1/reload", "GET /v1/services",
                                         R"(POST /v1/services/start {"names":["web"]})"}));
  EXPECT_TRUE(it.host.calls.empty());
}

TEST(ctl_commands, up_with_a_refused_reload_is_exit_code_3) {
  session it;
  serve(it, {});
  it.daemon.replies["POST /v1/reload"] = {{422, R"({"title":"x","errors":["f:1:2: a","f:3:4: b"]})"}};
  EXPECT_EQ(it.run({"up", "--wait"}), exit_code::configuration);
  EXPECT_EQ(it.err, "f:1:2: a\nf:3:4: b\n");
}

TEST(ctl_commands, up_with_another_file_than_the_daemons_is_refused) {
  session it;
  serve(it, {});
  EXPECT_EQ(it.run({"up", "--config", "/other.toml"}), exit_code::usage);
  EXPECT_NE(it.err.find("/w.toml"), std::string::npos);
}

TEST(ctl_commands, up_waits_for_a_daemon_that_is_just_stopping) {
  session it;
  it.daemon.replies["GET /v1/services"] = {{200, fleet_document({}, true)}};
  EXPECT_EQ(it.run({"up"}), exit_code::done);
  EXPECT_EQ(it.host.calls, (strings{"wait_gone 4242", "check ", "start /w.toml"}));
}

TEST(ctl_commands, down_waits_until_the_process_is_gone) {
  session it;
  serve(it, {document("web", "ready")});
  it.daemon.replies["POST /v1/shutdown"] = {{202, "{}"}};
  it.daemon.streams["/v1/events"] = {snapshot_event({document("web", "stopping")})};
  it.daemon.end = stream_end::closed;
  EXPECT_EQ(it.run({"down"}), exit_code::done);
  EXPECT_EQ(it.host.calls, strings{"wait_gone 4242"});
  EXPECT_EQ(it.out, "web: stopping: it is stopping\nthe daemon and all services have stopped\n");
}

TEST(ctl_commands, down_out_of_time_names_what_still_runs) {
  session it;
  const strings later = {document("db", "stopped"), document("web", "stopping", R"("pid":7)")};
  it.daemon.replies["GET /v1/services"] = {{200, fleet_document({document("web", "ready")})},
                                           {200, fleet_document(later, true)}};
  it.daemon.replies["POST /v1/shutdown"] = {{202, "{}"}};
  it.daemon.streams["/v1/events"] = {snapshot_event(later)};
  it.host.gone = false;
  EXPECT_EQ(it.run({"down", "--timeout", "1s"}), exit_code::timed_out);
  EXPECT_EQ(it.err, "web: time ran out\nweb: stopping: it is stopping\n");
}

TEST(ctl_commands, restart_waits_for_a_new_run) {
  session it;
  serve(it, {document("web", "ready", R"("run":3)"), document("worker-1", "ready"),
             document("worker-2", "ready")});
  it.daemon.replies["POST /v1/services/restart"] = {{202, "{}"}};
  it.daemon.streams["/v1/events"] = {snapshot_event({document("web", "ready", R"("run":3)")}),
                                     service_event(document("web", "stopping", R"("run":3)")),
                                     service_event(document("web", "ready", R"("run":4)"))};
  EXPECT_EQ(it.run({"restart", "web"}), exit_code::done);
  EXPECT_EQ(it.daemon.requests[1], R"(POST /v1/services/restart {"names":["web"]})");
  EXPECT_EQ(it.out, "web: stopping: it is stopping\nweb: ready: it is ready\nweb is ready\n");
}

TEST(ctl_commands, start_with_a_pattern_asks_for_what_it_means) {
  session it;
  serve(it, {document("web", "ready"), document("worker-1", "stopped"), document("worker-2", "stopped")});
  it.daemon.replies["POST /v1/services/start"] = {{202, "{}"}};
  it.daemon.streams["/v1/events"] = {
      snapshot_event({document("worker-1", "ready"), document("worker-2", "ready")})};
  EXPECT_EQ(it.run({"start", "worker-*", "worker-1"}), exit_code::done);
  EXPECT_EQ(it.daemon.requests[1], R"(POST /v1/services/start {"names":["worker-1","worker-2"]})");
  EXPECT_EQ(it.out, "worker-1, worker-2 are ready\n");
}

TEST(ctl_commands, start_reports_the_first_failed_run_with_its_log) {
  session it;
  serve(it, {document("web", "stopped", R"("run":1)")});
  it.daemon.replies["POST /v1/services/start"] = {{202, "{}"}};
  it.daemon.replies["GET /v1/services/web/logs?tail=10"] = {{200, "boom"}};
  it.daemon.streams["/v1/events"] = {
      snapshot_event({document("web", "starting", R"("run":2)")}),
      service_event(document("web", "backoff", R"("run":2,"failures_in_row":1)"))};
  EXPECT_EQ(it.run({"start", "web", "--json"}), exit_code::failed);
  EXPECT_EQ(it.out,
            "{\"outcome\":\"failed\",\"exit_code\":1,\"services\":[{\"name\":\"web\",\"state\":\"backoff\","
            "\"reason\":\"it is backoff\",\"log\":[\"boom\"]}]}\n");
}

TEST(ctl_commands, a_name_that_is_none_is_a_usage_error_with_the_nearest) {
  session it;
  serve(it, {document("web", "ready")});
  EXPECT_EQ(it.run({"stop", "wbe"}), exit_code::usage);
  EXPECT_EQ(it.err, "workspacectl: no service is called 'wbe'; did you mean 'web'?\n");
  EXPECT_EQ(it.run({"stop", "x*"}), exit_code::usage);
  EXPECT_EQ(it.run({"stop"}), exit_code::usage);
  EXPECT_EQ(it.daemon.requests.size(), 2U) << "nothing was asked for";
}

TEST(ctl_commands, stop_all_names_every_service) {
  session it;
  serve(it, {document("a", "ready"), document("b", "ready")});
  it.daemon.replies["POST /v1/services/stop"] = {{202, "{}"}};
  it.daemon.streams["/v1/events"] = {snapshot_event({document("a", "stopped"), document("b", "stopped")})};
  EXPECT_EQ(it.run({"stop", "--all"}), exit_code::done);
  EXPECT_EQ(it.daemon.requests[1], R"(POST /v1/services/stop {"names":["a","b"]})");
}

TEST(ctl_commands, wait_without_names_is_about_what_counts) {
  session it;
  auto optional = document("o", "starting");
  optional.replace(optional.find("\"required\":true"), 15, "\"required\":false");
  serve(it, {optional, document("web", "starting")});
  it.daemon.streams["/v1/events"] = {snapshot_event({optional, document("web", "ready")})};
  EXPECT_EQ(it.run({"wait"}), exit_code::done);
  EXPECT_EQ(it.out, "web is ready\n");
  it.daemon.streams["/v1/events"] = {snapshot_event({optional, document("web", "starting")})};
  EXPECT_EQ(it.run({"wait", "--timeout", "1s"}), exit_code::timed_out);
  EXPECT_EQ(it.run({"wait", "--for", "stopped", "web"}), exit_code::timed_out);
}

TEST(ctl_commands, why_asks_for_the_log_of_the_one_to_blame) {
  session it;
  serve(it, {document("db", "backoff"),
             document("web", "waiting", R"("depends_on":[{"name":"db","condition":"ready","met":false}])")});
  it.daemon.replies["GET /v1/services/db/logs?tail=10"] = {{200, "disk full\n"}};
  EXPECT_EQ(it.run({"why", "web"}), exit_code::done);
  EXPECT_NE(it.out.find("needs db to be ready"), std::string::npos);
  EXPECT_NE(it.out.find("  | disk full"), std::string::npos);
  EXPECT_EQ(it.run({"why", "web", "--json"}), exit_code::done);
  EXPECT_NE(it.out.find(R"("because":[{"name":"db")"), std::string::npos);
  EXPECT_NE(it.out.find(R"("log":{"db":["disk full"]}})"), std::string::npos);
}

TEST(ctl_commands, logs_of_one_service_come_as_they_are) {
  session it;
  serve(it, {document("db", "ready"), document("web", "ready")});
  it.daemon.streams["/v1/services/web/logs?tail=5"] = {"one\ntw", "o\nno newline"};
  it.daemon.end = stream_end::closed;
  EXPECT_EQ(it.run({"logs", "-n", "5", "web"}), exit_code::done);
  EXPECT_EQ(it.out, "one\ntwo\nno newline");
}

TEST(ctl_commands, logs_of_several_are_prefixed_by_line) {
  session it;
  serve(it, {document("db", "ready"), document("web", "ready")});
  it.daemon.streams["/v1/services/db/logs?tail=100&follow=true"] = {"d1\nd", "2\nrest"};
  it.daemon.streams["/v1/services/web/logs?tail=100&follow=true"] = {"w1\n"};
  it.daemon.end = stream_end::closed;
  EXPECT_EQ(it.run({"logs", "-f"}), exit_code::done);
  EXPECT_EQ(it.out, "db  | d1\ndb  | d2\nweb | w1\ndb  | rest\n");
  EXPECT_EQ(it.run({"logs", "-f", "--json", "web"}), exit_code::done);
  EXPECT_EQ(it.out, "{\"service\":\"web\",\"line\":\"w1\"}\n");
}

TEST(ctl_commands, logs_end_when_nobody_reads_them) {
  session it;
  serve(it, {document("web", "ready")});
  it.daemon.streams["/v1/services/web/logs?tail=100&follow=true"] = {"one\n", "two\n"};
  it.closed = true;
  EXPECT_EQ(it.run({"logs", "-f", "web"}), exit_code::done);
  EXPECT_EQ(it.out, "one\n");
}

TEST(ctl_commands, reload_and_dry_run_ask_the_same_route) {
  session it;
  it.daemon.replies["POST /v1/reload"] = {
      {200, R"({"added":["a"],"removed":[],"restarted":["b","c"],"changed":[],"unchanged":["d"]})"}};
  it.daemon.replies["POST /v1/reload?dry_run=true"] = {
      {200, R"({"added":[],"removed":["e"],"unchanged":["d"]})"}};
  EXPECT_EQ(it.run({"reload"}), exit_code::done);
  EXPECT_EQ(it.out, "added: a\nrestarted: b, c\n");
  EXPECT_EQ(it.run({"reload", "--dry-run"}), exit_code::done);
  EXPECT_EQ(it.out, "this would be:\nremoved: e\n");
  it.daemon.replies["POST /v1/reload"] = {{200, R"({"added":[],"unchanged":["d"]})"}};
  EXPECT_EQ(it.run({"reload"}), exit_code::done);
  EXPECT_EQ(it.out, "nothing has changed\n");
}

TEST(ctl_commands, health_names_what_is_not_ready) {
  session it;
  it.daemon.replies["GET /health"] = {{503, R"({"status":"unavailable","services":{
    "a":{"state":"ready","ready":true,"required":true,"reason":"x"},
    "b":{"state":"failed","ready":false,"required":true,"reason":"gave up"},
    "c":{"state":"failed","ready":false,"required":false,"reason":"gave up"}}})"}};
  EXPECT_EQ(it.run({"health"}), exit_code::failed);
  EXPECT_EQ(it.out, "unavailable\nb: failed: gave up\n");
  it.daemon.replies["GET /health"] = {{200, R"({"status":"ok","services":{}})"}};
  EXPECT_EQ(it.run({"health"}), exit_code::done);
  EXPECT_EQ(it.out, "ok\n");
}

TEST(ctl_commands, check_and_version_need_no_daemon) {
  session it;
  it.daemon.absent = true;
  EXPECT_EQ(it.run({"check", "w.toml"}), exit_code::done);
  EXPECT_EQ(it.out, "/w.toml: no errors, 2 services\n");
  EXPECT_EQ(it.run({"check", "--json"}), exit_code::done);
  EXPECT_EQ(it.out, "{\"file\":\"/w.toml\",\"services\":2}\n");
  EXPECT_EQ(it.run({"version"}), exit_code::done);
  EXPECT_NE(it.out.find("no daemon runs"), std::string::npos);
}

TEST(ctl_commands, help_asks_nobody) {
  session it;
  EXPECT_EQ(it.run({"help", "up"}), exit_code::done);
  EXPECT_NE(it.out.find("workspacectl up --wait"), std::string::npos);
  EXPECT_EQ(it.run({"help"}), exit_code::done);
  EXPECT_TRUE(it.daemon.requests.empty());
}

}  // namespace
}  // namespace workspaced::ctl
