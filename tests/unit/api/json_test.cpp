#include "api/json.hpp"

#include "api/json_writer.hpp"
#include "unit/api/fleets.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace workspaced::api {
namespace {

using test::fleet;
using test::migrate;
using test::moment;
using test::web;
using namespace std::chrono_literals;

constexpr auto web_document =
    R"({"name":"web","kind":"service","state":"ready","reason":"ready: 200 OK","required":true,"autostart":true,)"
    R"("until_reload":true,"wanted":true,"ready":true,"pid":4711,"run":3,"since":"2026-11-23T14:04:05.789Z","seconds_in_state":61,)"
    R"("up_seconds":62.345,"ready_after_seconds":1.345,)"
    R"("restarts":{"exit":1,"signal":0,"spawn":0,"ready_timeout":0,"liveness":0,"request":1,"hook":0,"dependency":0},"restarts_total":2,)"
    R"("failures_in_row":0,"last_run":{"run":2,"text":"killed by SIGKILL","code":null,"signal":"KILL",)"
    R"("ended_at":"2026-11-23T14:04:01.789Z","seconds_ago":65,"lasted_seconds":7200},)"
    R"("probe":{"kind":"live","target":"http http://127.0.0.1:8000/health","ok":true,"answer":"200 OK",)"
    R"("seconds_ago":0.5},"next_retry_in_seconds":null,"next_run_in_seconds":null,"skipped_runs":0,)"
    R"("depends_on":[{"name":"db","condition":"ready","met":true,"state":"ready"},)"
    R"({"name":"migrate","condition":"completed","met":false,"state":"failed"}],"blocked_by":["migrate"],)"
    R"("warnings":["limits.memory is not applied: it is night"],"log_file":"/logs/web/web.log","log_bytes":{"stdout":12345678901,"stderr":9}})";

constexpr auto migrate_document =
    R"({"name":"migrate","kind":"task","state":"backoff","reason":"exit code 3; next try soon","required":false,)"
    R"("autostart":false,"until_reload":false,"wanted":false,"ready":false,"pid":null,"run":1,"since":"2026-11-23T14:05:06.789Z",)"
    R"("seconds_in_state":0,"up_seconds":null,"ready_after_seconds":null,)"
    R"("restarts":{"exit":0,"signal":0,"spawn":0,"ready_timeout":0,"liveness":0,"request":0,"hook":0,"dependency":0},"restarts_total":0,)"
    R"("failures_in_row":1,"last_run":{"run":1,"text":"exit code 3","code":3,"signal":null,)"
    R"("ended_at":"2026-11-23T14:05:06.689Z","seconds_ago":0.1,"lasted_seconds":0.007},"probe":null,)"
    R"("next_retry_in_seconds":0.4,"next_run_in_seconds":null,"skipped_runs":0,"depends_on":[],"blocked_by":[],"warnings":[],"log_file":"",)"
    R"("log_bytes":{"stdout":0,"stderr":0}})";

TEST(api_json, tells_everything_of_a_service) {
  EXPECT_EQ(service_document(web(), moment), web_document);
  EXPECT_EQ(service_document(migrate(), moment), migrate_document);
}

TEST(api_json, says_null_where_a_run_had_no_process) {
  auto service = migrate();
  service.last_run->status.reset();
  service.last_run->reason = "cannot start: exec: /x: No such file or directory";
  const auto last = nlohmann::json::parse(service_document(service, moment))["last_run"];
  EXPECT_TRUE(last["code"].is_null());
  EXPECT_TRUE(last["signal"].is_null());
  EXPECT_EQ(last["text"], "cannot start: exec: /x: No such file or directory");
}

TEST(api_json, tells_the_daemon_and_all_services) {
  const std::string expected =
      R"({"daemon":{"version":"0.1.0","pid":4242,"uptime_seconds":90,"config_file":"/w/workspaced.toml",)"
      R"("state_dir":"/w/state","log_dir":"/w/logs","stopping":false,"removed_until_reload":["gone"]},)"
      R"("healthy":true,"services":[)" +
      std::string(migrate_document) + "," + web_document +
      R"(],"doors":[{"name":"web","service":"web","target":"http://127.0.0.1:8000/mcp","open":true,"server":"Web 2",)"
      R"("tools":11,"sessions":0,"held":2,"replayed":1,"requests":{"answered":0,"known":7,"error":0,"unavailable":0,)"
      R"("lost":0,"refused":0,"cancelled":0},"problem":""}]})";
  auto all = fleet({migrate(), web()});
  core::door_view door{"web", "web", "http://127.0.0.1:8000/mcp", true, "Web 2", 11, 0, "", {}};
  door.figures.outcomes[static_cast<std::size_t>(core::door_outcome::known)] = 7;
  door.figures.held = 2;
  door.figures.replayed = 1;
  all.doors = {door};
  EXPECT_EQ(fleet_document(all, moment), expected);
}

TEST(api_json, tells_a_change_with_the_state_before) {
  EXPECT_EQ(event_document({web(), core::status::starting}, moment),
            R"({"previous":"starting","service":)" + std::string(web_document) + "}");
}

TEST(api_json, tells_health_by_service) {
  EXPECT_EQ(
      health_document(fleet({migrate(), web()})),
      R"({"status":"ok","services":{)"
      R"("migrate":{"state":"backoff","ready":false,"required":false,"reason":"exit code 3; next try soon"},)"
      R"("web":{"state":"ready","ready":true,"required":true,"reason":"ready: 200 OK"}}})");
  EXPECT_EQ(
      health_document(web(), true),
      R"({"status":"ok","name":"web","state":"ready","ready":true,"required":true,"reason":"ready: 200 OK"})");
}

TEST(api_json, is_unhealthy_while_the_daemon_stops) {
  auto stopping = fleet({});
  EXPECT_EQ(health_document(stopping), R"({"status":"ok","services":{}})");
  stopping.daemon.stopping = true;
  EXPECT_EQ(health_document(stopping), R"({"status":"unavailable","services":{}})");
}

TEST(api_json, tells_what_a_reload_does) {
  EXPECT_EQ(reload_document({{"a"}, {"b"}, {"c"}, {"d"}, {"e", "f"}, {"http.listen"}}),
            R"({"added":["a"],"removed":["b"],"restarted":["c"],"changed":["d"],"unchanged":["e","f"],)"
            R"("needs_daemon_restart":["http.listen"]})");
}

TEST(api_json, survives_any_bytes) {
  auto service = migrate();
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  service.name = all;
  service.reason = "\xff\xfe \"quoted\" \\ \n\r\t\x01\x7f 100 °C \xf0\x9f\x8e\x89 \xe2\x82";
  const auto document = nlohmann::json::parse(health_document(fleet({service})), nullptr, false);
  ASSERT_FALSE(document.is_discarded());
  const auto reason = document["services"].begin()->at("reason");
  EXPECT_EQ(reason, "\uFFFD\uFFFD \"quoted\" \\ \n\r\t\x01\x7f 100 °C \xf0\x9f\x8e\x89 \uFFFD\uFFFD");
}

TEST(api_json, keeps_utf8_and_replaces_what_is_none) {
  const auto written = [](std::string_view text) {
    json_writer json;
    json.value(text);
    return json.take();
  };
  for (int a = 0x80; a < 256; ++a) {
    for (const int b : {0x20, 0x61, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff}) {
      for (const std::string rest : {"", "a", "\x80", "\x80\x80", "\xbf\xbf\xbf"}) {
        const std::string text = std::string{static_cast<char>(a), static_cast<char>(b)} + rest;
        const auto judged = nlohmann::json::parse('"' + text + '"', nullptr, false);
        const auto read = nlohmann::json::parse(written(text), nullptr, false);
        ASSERT_FALSE(read.is_discarded()) << a << ' ' << b << ' ' << rest.size();
        if (!judged.is_discarded()) {
          ASSERT_EQ(read, judged) << a << ' ' << b << ' ' << rest.size();
        }
      }
    }
  }
  EXPECT_EQ(written("a\xff\xf0\x9f\x8e\x89"), "\"a\uFFFD\xf0\x9f\x8e\x89\"");
}

TEST(api_json, writes_points_in_time_as_rfc_3339) {
  EXPECT_EQ(rfc3339(moment), "2026-11-23T14:05:06.789Z");
  EXPECT_EQ(rfc3339(wall_time{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(wall_time{1709251199s}), "2024-02-29T23:59:59.000Z");
}

TEST(api_json, writes_durations_as_seconds) {
  const auto written = [](core::duration age) {
    json_writer json;
    json.value(age);
    return json.take();
  };
  EXPECT_EQ(written(0s), "0");
  EXPECT_EQ(written(1ms), "0.001");
  EXPECT_EQ(written(20ms), "0.02");
  EXPECT_EQ(written(999999us), "0.999");
  EXPECT_EQ(written(12s + 300ms), "12.3");
  EXPECT_EQ(written(-5s), "0") << "an age is never negative";
}

}  // namespace
}  // namespace workspaced::api
