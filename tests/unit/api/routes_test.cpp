#include "api/routes.hpp"

#include "unit/api/fake_control.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace workspaced::api {
namespace {

using http::access;
using http::method;
using nlohmann::json;
using test::fleet;
using test::migrate;
using test::moment;
using test::web;

/// A fleet of `migrate` (not required, in backoff) and `web` (ready), and its routes.
class api_routes : public testing::Test {
 protected:
  api_routes() { daemon_.fleet = fleet({migrate(), web()}); }

  http::response ask(method verb, std::string path, http::header_list query = {}, std::string body = {},
                     access granted = access::admin) {
    http::request what;
    what.verb = verb;
    what.path = std::move(path);
    what.query = std::move(query);
    what.body = std::move(body);
    what.headers = {{"accept", accept_}};
    return http::dispatch(routes_, std::move(what), granted);
  }
  http::response get(std::string path, http::header_list query = {}) {
    return ask(method::get, std::move(path), std::move(query));
  }
  http::response post(std::string path, std::string body = {}, http::header_list query = {}) {
    return ask(method::post, std::move(path), std::move(query), std::move(body));
  }
  /// The detail of a problem document, after checking that it is a good one.
  static std::string detail_of(const http::response& answer) {
    EXPECT_EQ(answer.content_type, "application/problem+json");
    const auto document = json::parse(answer.body, nullptr, false);
    if (document.is_discarded()) return "not JSON: " + answer.body;
    EXPECT_EQ(document["status"], answer.status);
    EXPECT_TRUE(document["title"].is_string());
    return document["detail"];
  }
  [[nodiscard]] std::vector<std::string> asked() { return std::exchange(daemon_.asked, {}); }

  using list = std::vector<std::string>;

  test::fake_control daemon_;
  std::string accept_ = "*/*";
  std::vector<http::route> routes_ = routes(
      daemon_, [] { return moment; },
      [](std::string_view accept) {
        return exposition{"text/x-metrics", "for " + std::string(accept) + "\n"};
      });
};

TEST_F(api_routes, health_is_200_or_503) {
  auto answer = get("/health");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(answer.body, health_document(daemon_.fleet) + "\n");
  daemon_.fleet.services[1].state = core::status::degraded;
  EXPECT_EQ(get("/health").status, 503);
  daemon_.fleet = fleet({web()});
  daemon_.fleet.daemon.stopping = true;
  EXPECT_EQ(get("/health").status, 503) << "while the daemon stops";
}

TEST_F(api_routes, health_of_one_service_is_about_that_one) {
  EXPECT_EQ(get("/health/web").status, 200);
  const auto answer = get("/health/migrate");
  EXPECT_EQ(answer.status, 503) << "not required, but asked for";
  EXPECT_EQ(json::parse(answer.body)["status"], "unavailable");
  daemon_.fleet.services[0].state = core::status::completed;
  EXPECT_EQ(get("/health/migrate").status, 200);
  daemon_.fleet.daemon.stopping = true;
  EXPECT_EQ(get("/health/web").status, 503);
}

TEST_F(api_routes, unknown_services_are_404_with_the_nearest_name) {
  for (const auto* path : {"/health/wbe", "/v1/services/wbe", "/v1/services/wbe/logs"}) {
    const auto answer = get(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(detail_of(answer), "no service is called 'wbe'; did you mean 'web'?") << path;
  }
  EXPECT_EQ(detail_of(get("/health/something-else")), "no service is called 'something-else'");
  for (const auto* path : {"/v1/services/wbe/start", "/v1/services/wbe/stop", "/v1/services/wbe/restart"}) {
    EXPECT_EQ(post(path).status, 404) << path;
  }
  const auto several = post("/v1/services/stop", R"({"names":["web","wbe","zzz"]})");
  EXPECT_EQ(several.status, 404);
  EXPECT_EQ(detail_of(several), "no service is called 'wbe'; did you mean 'web'? no service is called 'zzz'");
  EXPECT_EQ(asked(), list{"log wbe 100"}) << "nothing was started or stopped";
}

TEST_F(api_routes, kubernetes_probes_answer_one_word) {
  EXPECT_EQ(get("/livez").body, "ok\n");
  EXPECT_EQ(get("/livez").content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(get("/livez", {{"verbose", ""}}).body, "[+]ping ok\nlivez check passed\n");
  auto answer = get("/readyz");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "ok\n");
  daemon_.fleet.services[1].state = core::status::starting;
  answer = get("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "not ready\n");
  EXPECT_EQ(get("/livez").status, 200);
}

TEST_F(api_routes, readyz_verbose_has_a_line_for_each_check) {
  auto down = web();
  down.name = "db";
  down.state = core::status::starting;
  down.reason = "waiting for tcp 127.0.0.1:5432:\nconnection refused";
  daemon_.fleet = fleet({down, migrate(), web()});
  auto answer = get("/readyz", {{"verbose", ""}});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body,
            "[+]shutdown ok\n"
            "[-]db failed: waiting for tcp 127.0.0.1:5432: connection refused\n"
            "[+]web ok\n"
            "readyz check failed\n");
  answer = get("/readyz", {{"exclude", "db"}, {"verbose", "1"}, {"exclude", "nobody"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body,
            "[+]shutdown ok\n"
            "[+]db excluded: ok\n"
            "[+]web ok\n"
            "warn: no check is called 'nobody'\n"
            "readyz check passed\n");
  EXPECT_EQ(get("/readyz", {{"exclude", "db"}}).body, "ok\n");
  daemon_.fleet.daemon.stopping = true;
  EXPECT_EQ(get("/readyz", {{"exclude", "db"}}).status, 503);
}

TEST_F(api_routes, metrics_come_from_the_renderer) {
  accept_ = "application/openmetrics-text";
  const auto answer = get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/x-metrics");
  EXPECT_EQ(answer.body, "for application/openmetrics-text\n");
}

TEST_F(api_routes, services_are_listed_and_shown) {
  EXPECT_EQ(get("/v1/services").body, fleet_document(daemon_.fleet, moment) + "\n");
  EXPECT_EQ(get("/v1/services/web").body, service_document(web(), moment) + "\n");
  EXPECT_EQ(get("/v1/services/web").status, 200);
}

TEST_F(api_routes, logs_are_a_stream_of_text) {
  const auto answer = get("/v1/services/web/logs");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/plain; charset=utf-8");
  EXPECT_TRUE(answer.stream);
  EXPECT_EQ(asked(), list{"log web 100"});
  const std::vector<std::pair<http::header_list, std::string>> table = {
      {{{"tail", "0"}}, "log web 0"},
      {{{"tail", "1000000"}}, "log web 1000000"},
      {{{"tail", "5"}, {"follow", ""}}, "log web 5 follow"},
      {{{"follow", "true"}}, "log web 100 follow"},
      {{{"follow", "0"}, {"tail", "007"}}, "log web 7"},
  };
  for (const auto& [query, expected] : table) {
    EXPECT_TRUE(get("/v1/services/web/logs", query).stream);
    EXPECT_EQ(asked(), list{expected});
  }
}

TEST_F(api_routes, a_bad_query_is_400) {
  for (const auto* tail : {"", "-1", "+1", "1.5", "ten", "1000001", "99999999999999999999", "5 ", "0x5"}) {
    const auto answer = get("/v1/services/web/logs", {{"tail", tail}});
    EXPECT_EQ(answer.status, 400) << tail;
    EXPECT_NE(detail_of(answer).find("'tail'"), std::string::npos);
  }
  EXPECT_EQ(get("/v1/services/web/logs", {{"follow", "maybe"}}).status, 400);
  EXPECT_EQ(post("/v1/reload", {}, {{"dry_run", "maybe"}}).status, 400);
  EXPECT_EQ(asked(), list{});
}

TEST_F(api_routes, requests_for_one_service_are_accepted) {
  for (const std::string action : {"start", "stop", "restart"}) {
    for (const auto* body : {"", "{}", " { } "}) {
      const auto answer = post("/v1/services/web/" + action, body);
      EXPECT_EQ(answer.status, 202);
      EXPECT_EQ(answer.body, "{\"accepted\":[\"web\"]}\n");
      EXPECT_EQ(asked(), list{action + " web"});
    }
  }
}

TEST_F(api_routes, one_request_for_several_services) {
  for (const std::string action : {"start", "stop", "restart"}) {
    auto answer = post("/v1/services/" + action, R"({"names":["web","migrate","web"]})");
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.body, "{\"accepted\":[\"web\",\"migrate\"]}\n");
    EXPECT_EQ(asked(), list{action + " web migrate"});
    answer = post("/v1/services/" + action, R"({"all":true})");
    EXPECT_EQ(answer.body, "{\"accepted\":[\"migrate\",\"web\"]}\n");
    EXPECT_EQ(asked(), list{action + " migrate web"});
  }
}

TEST_F(api_routes, a_bad_body_is_400_and_does_nothing) {
  const std::vector<std::string> never = {"{",
                                          "[]",
                                          "[1,2",
                                          "null",
                                          "7",
                                          "\"web\"",
                                          "\xff\xfe{",
                                          "{}{}",
                                          "{'a':1",
                                          "{\"x\":1}",
                                          std::string("\x00\x01", 2),
                                          std::string(50'000, '['),
                                          "{\"\xc3\x28\":1}"};
  for (const auto& body : never) {
    for (const auto* path :
         {"/v1/services/restart", "/v1/services/web/restart", "/v1/reload", "/v1/shutdown"}) {
      const auto answer = post(path, body);
      EXPECT_EQ(answer.status, 400) << path << ' ' << body.substr(0, 20);
      EXPECT_FALSE(detail_of(answer).empty());
    }
  }
  for (const auto* body :
       {"", "{}", R"({"names":[]})", R"({"names":5})", R"({"names":["web",5]})", R"({"all":false})",
        R"({"all":1})", R"({"all":true,"names":["web"]})", R"({"names":["web"],"force":true})"}) {
    EXPECT_EQ(post("/v1/services/restart", body).status, 400) << body;
  }
  EXPECT_NE(detail_of(post("/v1/services/restart", R"({"nmaes":[]})")).find("'nmaes'"), std::string::npos);
  EXPECT_EQ(asked(), list{});
}

TEST_F(api_routes, a_refusal_keeps_its_words) {
  const std::vector<std::pair<refusal::kind, int>> table = {
      {refusal::kind::not_found, 404}, {refusal::kind::conflict, 409}, {refusal::kind::shutting_down, 503}};
  for (const auto& [why, status] : table) {
    daemon_.answer = refusal{why, "because"};
    daemon_.reload_answer = refusal{why, "because"};
    for (const auto* path : {"/v1/services/web/start", "/v1/reload"}) {
      const auto answer = post(path);
      EXPECT_EQ(answer.status, status) << path;
      EXPECT_EQ(detail_of(answer), "because");
    }
  }
}

TEST_F(api_routes, reload_reports_what_changed) {
  daemon_.reload_answer = reload_report{{"a"}, {}, {"web"}, {}, {"b"}, {"http.listen"}};
  auto answer = post("/v1/reload");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"added":["a"],"removed":[],"restarted":["web"],"changed":[],"unchanged":["b"],)"
                         R"("needs_daemon_restart":["http.listen"]})"
                         "\n");
  EXPECT_EQ(asked(), list{"reload"});
  for (const auto* yes : {"", "1", "true"}) {
    post("/v1/reload", {}, {{"dry_run", yes}});
    EXPECT_EQ(asked(), list{"reload dry"}) << yes;
  }
  post("/v1/reload", {}, {{"dry_run", "false"}});
  EXPECT_EQ(asked(), list{"reload"});
}

TEST_F(api_routes, a_bad_configuration_is_422_with_every_error) {
  daemon_.reload_answer = reload_errors{{"/w.toml:3:1: a: bad", "/w.toml:9:1: b: \"worse\""}};
  const auto answer = post("/v1/reload");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(detail_of(answer), "the configuration has errors; nothing was changed");
  EXPECT_EQ(json::parse(answer.body)["errors"],
            json::array({"/w.toml:3:1: a: bad", "/w.toml:9:1: b: \"worse\""}));
}

TEST_F(api_routes, a_service_comes_and_goes) {
  daemon_.reload_answer = reload_report{{"new"}, {}, {}, {}, {"web"}, {}};
  const auto added = ask(method::put, "/v1/services/new", {}, "command = 'x'\n");
  EXPECT_EQ(added.status, 200);
  EXPECT_EQ(json::parse(added.body)["added"], json::array({"new"}));
  EXPECT_EQ(asked(), list{"add new command = 'x'\n"});
  EXPECT_EQ(ask(method::del, "/v1/services/new").status, 200);
  EXPECT_EQ(asked(), list{"remove new"});
  EXPECT_EQ(ask(method::del, "/v1/services/new", {}, "?").status, 400);
  daemon_.reload_answer = reload_errors{{"new:1:1: a: bad"}};
  EXPECT_EQ(ask(method::put, "/v1/services/new").status, 422);
  daemon_.reload_answer = refusal{refusal::kind::conflict, "because"};
  EXPECT_EQ(detail_of(ask(method::del, "/v1/services/new")), "because");
}

TEST_F(api_routes, shutdown_is_accepted) {
  const auto answer = post("/v1/shutdown");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, "{\"stopping\":true}\n");
  EXPECT_EQ(asked(), list{"shutdown"});
}

TEST_F(api_routes, nothing_changes_by_get) {
  for (const auto* path : {"/v1/services/web/start", "/v1/services/web/stop", "/v1/services/web/restart",
                           "/v1/reload", "/v1/shutdown"}) {
    EXPECT_EQ(get(path).status, 405) << path;
  }
  for (const auto* path : {"/v1/services/start", "/v1/services/stop", "/v1/services/restart"}) {
    EXPECT_EQ(get(path).status, 404) << path << ": the name of a service, to GET";
  }
  for (const auto& route : routes_) EXPECT_EQ(route.verb == method::get, route.needs != access::admin);
  EXPECT_EQ(asked(), list{});
}

TEST_F(api_routes, only_health_and_metrics_are_open) {
  for (const auto& route : routes_) {
    const bool open = !route.pattern.starts_with("/v1/");
    EXPECT_EQ(route.needs == access::open, open) << route.pattern;
    EXPECT_FALSE(route.summary.empty()) << route.pattern;
  }
  EXPECT_EQ(ask(method::get, "/v1/services", {}, {}, access::open).status, 401);
  EXPECT_EQ(ask(method::get, "/v1/services", {}, {}, access::read).status, 200);
  EXPECT_EQ(ask(method::post, "/v1/services/web/stop", {}, {}, access::read).status, 403);
  EXPECT_EQ(asked(), list{});
}

}  // namespace
}  // namespace workspaced::api
