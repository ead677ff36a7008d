#include "ctl/doctor/report.hpp"
#include "unit/ctl/doctor_facts.hpp"
#include "unit/ctl/fake_daemon.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

namespace workspaced::ctl::doctor {
namespace {

finding unused(const facts&) { return {}; }

constexpr check one{"one", "first", unused};
constexpr check other{"another", "first", unused};
constexpr check last{"last", "second", unused};

const std::vector<result_of_check> mixed = {
    {&one, ok("fine")}, {&other, failed("broken", "mend it")}, {&last, skipped("not here")}};

TEST(ctl_doctor_report, is_a_table_with_the_fix_below_what_needs_one) {
  EXPECT_EQ(report_text(mixed, {}),
            "first\n"
            "  ok       one      fine\n"
            "  failed   another  broken\n"
            "                    fix: mend it\n"
            "second\n"
            "  skipped  last     not here\n"
            "\n"
            "1 ok, 0 warning, 1 failed, 1 skipped\n");
}

TEST(ctl_doctor_report, has_colour_for_the_verdict_only) {
  const auto text = report_text(mixed, {true, 80});
  EXPECT_NE(text.find("  \x1b[31mfailed \x1b[0m  another  broken\n"), std::string::npos) << text;
}

TEST(ctl_doctor_report, wraps_long_words_of_others_and_drops_control_characters) {
  std::string long_text = "\x1b[31m";
  for (int i = 0; i < 60; ++i) long_text += "word ";
  std::istringstream lines(report_text({{&one, warning(long_text, long_text)}}, {false, 80}));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_LE(line.size(), 80U) << line;
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
  }
  EXPECT_GT(count, 10);
}

TEST(ctl_doctor_report, is_one_object_with_json) {
  const auto text = report_json(mixed);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const auto document = nlohmann::json::parse(text);
  EXPECT_EQ(document["checks"].size(), 3U);
  EXPECT_EQ(document["checks"][1], (nlohmann::json{{"check", "another"},
                                                   {"area", "first"},
                                                   {"result", "failed"},
                                                   {"seen", "broken"},
                                                   {"fix", "mend it"}}));
  EXPECT_EQ(document["failed"], 1);
  EXPECT_EQ(document["skipped"], 1);
  EXPECT_EQ(document["exit_code"], 1);
}

TEST(ctl_doctor_verb, asks_the_daemon_and_the_machine_and_changes_nothing) {
  test::session it;
  it.daemon.replies["GET /v1/services"] = {{200, test::fleet_document({test::document("web", "ready")})}};
  it.daemon.replies["POST /v1/reload?dry_run=true"] = {{200, R"({"added":["api"]})"}};
  it.daemon.replies["GET /v1/mcp"] = {{200, R"({"entries":[]})"}};
  it.host.look = [](facts& seen) {
    auto rest = test::healthy_workspace();
    rest.fleet = seen.fleet;
    rest.configuration.changes = seen.configuration.changes;
    rest.registrations = seen.registrations;
    seen = rest;
  };
  EXPECT_EQ(it.run({"doctor"}), exit_code::done);
  EXPECT_EQ(it.daemon.requests,
            (std::vector<std::string>{"GET /v1/services", "POST /v1/reload?dry_run=true", "GET /v1/mcp"}));
  EXPECT_EQ(it.host.calls, (std::vector<std::string>{"look_around"}));
  EXPECT_NE(it.out.find("a reload would bring: added: api"), std::string::npos) << it.out;
}

TEST(ctl_doctor_verb, tells_the_errors_of_a_configuration_that_the_daemon_would_refuse) {
  test::session it;
  it.daemon.replies["GET /v1/services"] = {{200, test::fleet_document({test::document("web", "ready")})}};
  it.daemon.replies["POST /v1/reload?dry_run=true"] = {{422, R"({"errors":[{"text":"/w.toml:1:1: x"}]})"}};
  EXPECT_EQ(it.run({"doctor", "--json"}), exit_code::configuration);
  EXPECT_EQ(nlohmann::json::parse(it.out)["checks"][0]["seen"], "/w.toml:1:1: x");
}

TEST(ctl_doctor_verb, asks_a_daemon_that_does_not_answer_once) {
  test::session it;
  it.daemon.absent = true;
  EXPECT_EQ(it.run({"doctor"}), exit_code::no_daemon);
  EXPECT_EQ(it.daemon.requests.size(), 1U);
  EXPECT_EQ(it.err, "");
}

}  // namespace
}  // namespace workspaced::ctl::doctor
