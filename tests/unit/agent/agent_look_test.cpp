// What an agent can see, and that it is what the schemas say.
#include "mcp/schema.hpp"
#include "unit/agent/agent_bed.hpp"

#include <map>

namespace workspaced::agent::test {
namespace {

using core::status;

TEST(agent_look, introduces_itself) {
  bed subject;
  const json result = subject.ask("server/discover")["result"];
  EXPECT_NE(result["instructions"].get<std::string>().find("list_services"), std::string::npos);
  EXPECT_FALSE(result["capabilities"].contains("prompts"));
  EXPECT_FALSE(result["capabilities"].contains("resources"));
}

TEST(agent_look, every_tool_says_what_it_does) {
  bed subject({"*"});
  const json all = subject.ask("tools/list")["result"]["tools"];
  for (const json& each : all) {
    SCOPED_TRACE(each["name"]);
    for (const char* hint : {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"})
      EXPECT_TRUE(each["annotations"].contains(hint));
    EXPECT_FALSE(each["title"].get<std::string>().empty());
    EXPECT_FALSE(each["description"].get<std::string>().empty());
    EXPECT_EQ(each["inputSchema"]["additionalProperties"], false);
    EXPECT_EQ(each["outputSchema"]["type"], "object");
  }
}

TEST(agent_look, results_fit_their_schemas) {
  bed subject;
  subject.daemon.becomes(service("web", status::backoff, 4));
  subject.turn();
  std::map<std::string, std::string> schemas;
  const json all = subject.ask("tools/list")["result"]["tools"];
  for (const json& each : all) schemas[each["name"]] = each["outputSchema"].dump();
  const std::vector<std::pair<std::string, json>> calls = {
      {"list_services", json::object()},   {"service_status", {{"name", "web"}}},
      {"read_logs", {{"name", "web"}}},    {"check_health", json::object()},
      {"check_health", {{"name", "web"}}}, {"events", json::object()},
      {"wait_ready", {{"name", "db"}}}};
  for (const auto& [name, arguments] : calls) {
    const json result = subject.call(name, arguments);
    ASSERT_TRUE(result.contains("structuredContent")) << name << result;
    const std::string document = result["structuredContent"].dump();
    EXPECT_EQ(mcp::schema(schemas[name]).complaint(document, "document").value_or(""), "") << name;
    EXPECT_EQ(json::parse(text_of(result)), result["structuredContent"]) << name;
  }
}

TEST(agent_look, documents_are_those_of_the_api) {
  bed subject;
  const auto expected = api::service_document(subject.daemon.fleet.services[1], workspaced::test::moment);
  EXPECT_EQ(text_of(subject.call("service_status", {{"name", "web"}})), expected);
  const json all = subject.call("list_services")["structuredContent"];
  EXPECT_EQ(all["services"][1], json::parse(expected));
  EXPECT_EQ(all["next_cursor"], nullptr);
  EXPECT_EQ(all["healthy"], true);
}

TEST(agent_look, a_wrong_name_is_answered_by_the_right_one) {
  bed subject;
  const json result = subject.call("service_status", {{"name", "wbe"}});
  EXPECT_EQ(result["isError"], true);
  EXPECT_EQ(text_of(result), "No service is called wbe; did you mean web?");
  EXPECT_EQ(text_of(subject.call("read_logs", {{"name", "x"}})),
            "No service is called x; list_services shows all.");
  EXPECT_EQ(subject.call("read_logs")["isError"], true) << "name is missing";
}

TEST(agent_look, events_go_on_from_a_cursor) {
  bed subject;
  const json before = subject.call("events")["structuredContent"];
  EXPECT_EQ(before["events"].size(), 0U);
  for (const auto state : {status::backoff, status::starting, status::ready})
    subject.daemon.becomes(service("web", state, 4));
  subject.turn();
  const json after =
      subject.call("events", {{"cursor", before["cursor"]}, {"limit", 2}})["structuredContent"];
  ASSERT_EQ(after["events"].size(), 2U);
  EXPECT_EQ(after["events"][0]["previous"], "ready");
  EXPECT_EQ(after["events"][0]["state"], "backoff");
  EXPECT_EQ(after["more"], true);
  const json rest = subject.call("events", {{"cursor", after["cursor"]}})["structuredContent"];
  ASSERT_EQ(rest["events"].size(), 1U);
  EXPECT_EQ(rest["events"][0]["state"], "ready");
  EXPECT_EQ(rest["more"], false);
  EXPECT_EQ(subject.call("events", {{"service", "db"}})["structuredContent"]["events"].size(), 0U);
  EXPECT_EQ(subject.call("events", {{"limit", 1}})["structuredContent"]["events"][0]["state"], "ready");
}

TEST(agent_look, a_cursor_of_somebody_else_is_refused) {
  bed subject;
  for (const char* tool : {"events", "read_logs"}) {
    json arguments = {{"cursor", "nonsense"}};
    if (std::string(tool) == "read_logs") arguments["name"] = "web";
    const json result = subject.call(tool, arguments);
    EXPECT_EQ(result["isError"], true);
    EXPECT_NE(text_of(result).find("Call again without cursor"), std::string::npos);
  }
}

}  // namespace
}  // namespace workspaced::agent::test
