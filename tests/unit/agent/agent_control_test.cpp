// What an agent may do, who allows it, and what it waits for.
#include "unit/agent/agent_bed.hpp"

namespace workspaced::agent::test {
namespace {

using core::status;
using strings = std::vector<std::string>;

const strings looking = {"list_services", "service_status", "read_logs",
                         "check_health",  "events",         "wait_ready"};

TEST(agent_control, is_not_there_unless_the_user_wants_it) {
  bed subject;
  EXPECT_EQ(subject.tools(), looking);
  EXPECT_EQ(subject.ask("tools/call",
                        {{"name", "stop_service"}, {"arguments", {{"name", "web"}}}})["error"]["code"],
            -32602);
  subject.server->configure({"web"}, false);
  EXPECT_EQ(subject.tools().size(), looking.size() + 3);
}

TEST(agent_control, is_for_named_services_only) {
  bed subject({"web"});
  const json result = subject.call("stop_service", {{"name", "db"}});
  EXPECT_EQ(result["isError"], true);
  EXPECT_EQ(text_of(result),
            "Agents may not control db. To allow it, the user adds \"db\" to control in [mcp_server] of "
            "/w/workspaced.toml and runs: workspacectl reload");
  EXPECT_EQ(subject.daemon.asked, strings());
}

TEST(agent_control, needs_the_admin_token) {
  bed subject({"*"});
  subject.granted = http::access::read;
  for (const char* tool : {"start_service", "stop_service", "restart_service"}) {
    const json result = subject.call(tool, {{"name", "web"}});
    EXPECT_EQ(result["isError"], true);
    EXPECT_NE(text_of(result).find("read token"), std::string::npos);
  }
  EXPECT_EQ(subject.daemon.asked, strings());
}

TEST(agent_control, a_restart_waits_for_the_next_run_to_be_ready) {
  bed subject({"*"});
  const json result = subject.call("restart_service", {{"name", "web"}}, [&] {
    EXPECT_EQ(subject.daemon.asked, strings({"restart web"}));
    for (const auto state : {status::stopping, status::starting, status::ready})
      subject.daemon.becomes(service("web", state, state == status::stopping ? 3 : 4));
  });
  EXPECT_FALSE(result.contains("isError")) << result;
  EXPECT_EQ(result["structuredContent"]["run"], 4);
  EXPECT_EQ(subject.daemon.listeners(), 1U) << "the journal's";
}

TEST(agent_control, does_not_wait_where_nobody_asks_for_it) {
  bed subject({"*"});
  const json result = subject.call("restart_service", {{"name", "web"}, {"wait", false}});
  EXPECT_EQ(result["structuredContent"]["run"], 3);
}

TEST(agent_control, a_stop_waits_until_it_is_down) {
  bed subject({"*"});
  const json result = subject.call("stop_service", {{"name", "web"}},
                                   [&] { subject.daemon.becomes(service("web", status::stopped, 3)); });
  EXPECT_EQ(result["structuredContent"]["state"], "stopped");
  EXPECT_EQ(subject.daemon.asked, strings({"stop web"}));
}

TEST(agent_control, a_start_of_what_has_failed_needs_a_run_of_its_own) {
  bed subject({"*"});
  subject.daemon.becomes(service("web", status::stopped, 3));
  const json result = subject.call("start_service", {{"name", "web"}, {"timeout_seconds", 5}},
                                   [&] { subject.daemon.becomes(service("web", status::ready, 4)); });
  EXPECT_EQ(result["structuredContent"]["run"], 4);
}

TEST(agent_control, a_failure_ends_the_wait) {
  bed subject({"*"});
  subject.daemon.becomes(service("web", status::starting, 3));
  const json result = subject.call("wait_ready", {{"name", "web"}},
                                   [&] { subject.daemon.becomes(service("web", status::failed, 3)); });
  EXPECT_EQ(result["isError"], true);
  EXPECT_EQ(text_of(result), "web has failed: as the test says. read_logs shows what it wrote.");
}

TEST(agent_control, the_wait_is_bounded) {
  bed subject;
  subject.daemon.becomes(service("web", status::starting, 3));
  const json result = subject.call("wait_ready", {{"name", "web"}, {"timeout_seconds", 1}});
  EXPECT_EQ(result["isError"], true);
  EXPECT_NE(text_of(result).find("web is not ready after 1 s; starting: as the test says"),
            std::string::npos);
  EXPECT_EQ(subject.call("wait_ready", {{"name", "web"}, {"timeout_seconds", 601}})["isError"], true);
}

TEST(agent_control, the_daemons_end_ends_the_wait) {
  bed subject;
  subject.daemon.becomes(service("web", status::starting, 3));
  const json result = subject.call("wait_ready", {{"name", "web"}}, [&] { subject.daemon.end(); });
  EXPECT_EQ(text_of(result), "workspaced is stopping.");
}

TEST(agent_control, what_the_daemon_refuses_is_passed_on) {
  bed subject({"*"});
  subject.daemon.answer = api::refusal{api::refusal::kind::shutting_down, "the daemon is stopping"};
  EXPECT_EQ(text_of(subject.call("stop_service", {{"name", "web"}})), "Refused: the daemon is stopping");
}

class fake_others : public other_tools {
 public:
  std::vector<entry> all = {{"fleet__deploy", R"({"name":"fleet__deploy","inputSchema":{"type":"object"}})"}};

  [[nodiscard]] std::vector<entry> list() const override { return all; }
  boost::asio::awaitable<mcp::outcome> call(std::string name, std::string arguments) override {
    co_return mcp::outcome(mcp::text_result(name + " " + arguments));
  }
};

TEST(agent_aggregate, offers_the_tools_of_others_as_they_come_and_go) {
  fake_others others;
  bed subject({}, &others);
  EXPECT_EQ(subject.tools().back(), "fleet__deploy");
  EXPECT_EQ(text_of(subject.call("fleet__deploy", {{"to", 1}})), R"(fleet__deploy {"to":1})");
  others.all.clear();
  others.when_changed();
  EXPECT_EQ(subject.tools(), looking);
  others.all.push_back({"x__y", R"({"name":"x__y","inputSchema":{"type":"object"}})"});
  others.when_changed();
  EXPECT_EQ(subject.tools().back(), "x__y");
  subject.server->configure({}, false);
  EXPECT_EQ(subject.tools(), looking);
}

}  // namespace
}  // namespace workspaced::agent::test
