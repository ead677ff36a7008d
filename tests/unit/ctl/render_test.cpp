#include "ctl/render.hpp"

#include "unit/ctl/fleets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace workspaced::ctl {
namespace {

using namespace std::chrono_literals;
using core::status;
using test::fleet;
using test::service;

std::size_t longest_line(const std::string& text) {
  std::size_t most = 0;
  std::size_t columns = 0;
  for (const char c : text) {
    if (c == '\n') {
      most = std::max(most, std::exchange(columns, 0));
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++columns;
    }
  }
  return most;
}

TEST(ctl_render, fit_cuts_by_code_points_and_drops_control_characters) {
  EXPECT_EQ(fit("abc", 3), "abc");
  EXPECT_EQ(fit("abcd", 3), "ab…");
  EXPECT_EQ(fit("äöüß", 3), "äö…");
  EXPECT_EQ(fit("a\x1b[31m\nb", 80), "a [31m b");
  EXPECT_EQ(fit("abc", 1), "…");
  EXPECT_EQ(fit("abc", 0), "");
  EXPECT_EQ(pad("ä", 3), "ä  ");
}

TEST(ctl_render, compact_durations) {
  EXPECT_EQ(compact(0s), "0s");
  EXPECT_EQ(compact(59'999ms), "59s");
  EXPECT_EQ(compact(185s), "3m05s");
  EXPECT_EQ(compact(7'800s), "2h10m");
  EXPECT_EQ(compact(4 * 86'400s + 3 * 3'600s), "4d03h");
}

core::fleet_view three() {
  auto web = service("web", status::ready, "GET /health answers 200 OK");
  web.pid = 4711;
  web.up_for = 3h + 2min;
  auto db = service("database-with-a-very-long-name-indeed", status::backoff,
                    "exit code 3; the next attempt is due in 2 s");
  db.restarts = {12, 0, 0, 0, 0, 1};
  auto old = service("old", status::stopped, "stopped on request");
  old.required = false;
  return fleet({db, old, web});
}

TEST(ctl_render, status_table_at_eighty_columns) {
  EXPECT_EQ(status_table(three(), {}),
            "NAME                      STATE       PID  UPTIME  RESTARTS  REASON\n"
            "database-with-a-very-lo…  backoff       -       -        13  exit code 3; the n…\n"
            "old                       stopped       -       -         0  stopped on request\n"
            "web                       ready      4711   3h02m         0  GET /health answer…\n"
            "\n"
            "1 of 2 required services are ready; try: workspacectl why database-with-a-very-…\n");
}

TEST(ctl_render, status_table_keeps_within_the_columns) {
  for (const std::size_t columns : {64U, 80U, 120U}) {
    EXPECT_LE(longest_line(status_table(three(), {false, columns})), columns);
  }
}

TEST(ctl_render, status_table_has_colour_only_when_asked) {
  EXPECT_EQ(status_table(three(), {}).find('\x1b'), std::string::npos);
  EXPECT_NE(status_table(three(), {true, 80}).find("\x1b[31mbackoff"), std::string::npos);
}

TEST(ctl_render, status_of_an_empty_fleet_says_so) {
  EXPECT_EQ(status_table(fleet({}), {}), "no services in /etc/workspaced/workspaced.toml\n");
}

TEST(ctl_render, health_line_counts_what_counts) {
  EXPECT_EQ(health_line(fleet({})), "no required services");
  EXPECT_EQ(health_line(fleet({service("a", status::ready)})), "the required service is ready");
  EXPECT_EQ(health_line(fleet({service("a", status::ready), service("b", status::ready)})),
            "2 of 2 required services are ready");
}

TEST(ctl_render, why_follows_the_chain_to_its_end) {
  auto web = service("web", status::waiting, "waiting for db to be ready");
  web.in_state = 12s;
  web.depends_on = {{"db", core::dependency_condition::ready, false, status::waiting},
                    {"cache", core::dependency_condition::ready, true, status::ready}};
  auto db = service("db", status::backoff, "exit code 3");
  db.in_state = 350ms;
  db.probe =
      core::probe_view{core::probe_kind::ready, "tcp 127.0.0.1:5432", false, "connection refused", 1500ms};
  db.last_run = core::ended_run{7, core::exited{3}, "exit code 3", 350ms, 2s};
  db.failures = 4;
  db.next_retry = 1500ms;
  web.log_file = "/logs/web.log";
  const auto text = explanation(fleet({db, web}), "web", {{"db", {"starting", "disk full"}}}, {});
  EXPECT_EQ(text,
            "web is waiting for 12 s: waiting for db to be ready\n"
            "  needs db to be ready:\n"
            "    db is backoff for 350 ms: exit code 3\n"
            "      ready probe tcp 127.0.0.1:5432: connection refused (fails, 1.5 s ago)\n"
            "      run 7 ended 350 ms ago after 2.0 s: exit code 3\n"
            "      4 failed runs in a row\n"
            "      next attempt in 1.5 s\n"
            "last log lines of db:\n"
            "  | starting\n"
            "  | disk full\n"
            "log file: /logs/web.log\n");
}

TEST(ctl_render, why_ends_in_a_circle_too) {
  auto a = service("a", status::waiting);
  a.depends_on = {{"b", core::dependency_condition::ready, false, status::waiting}};
  auto b = service("b", status::waiting);
  b.depends_on = {{"a", core::dependency_condition::ready, false, status::waiting}};
  EXPECT_NE(explanation(fleet({a, b}), "a", {}, {}).find("a is waiting (see above)"), std::string::npos);
}

TEST(ctl_render, complaint_names_probe_answer_and_log) {
  auto web = service("web", status::starting, "not ready yet");
  web.probe =
      core::probe_view{core::probe_kind::ready, "http http://x/health", false, "503 Service Unavailable", 0s};
  EXPECT_EQ(complaint("web: time ran out", fleet({web}), {"web", "gone"}, {{"web", {"line\x07"}}}),
            "web: time ran out\n"
            "web: starting: not ready yet\n"
            "  ready probe http http://x/health: 503 Service Unavailable (fails, 0 ms ago)\n"
            "last log lines of web:\n"
            "  | line \n"
            "gone: no longer configured\n");
}

TEST(ctl_render, log_prefix_is_padded_and_coloured_by_service) {
  EXPECT_EQ(log_prefix("db", 4, 0, {}), "db   | ");
  EXPECT_EQ(log_prefix("db", 2, 1, {true, 80}), "\x1b[33mdb |\x1b[0m ");
}

}  // namespace
}  // namespace workspaced::ctl
