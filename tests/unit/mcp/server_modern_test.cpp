// Since 2026-07-28: every request stands alone.
#include "unit/mcp/serving.hpp"

namespace workspaced::mcp::test {
namespace {

json listen_to(const json& what) { return {{"notifications", what}}; }

tool another() { return make_tool({"another", "", "", R"({"type":"object"})"}, nullptr); }

TEST(mcp_modern_server, introduces_itself) {
  serving subject;
  const reply got = subject.ask(modern("server/discover"));
  const json result = got.result();
  EXPECT_EQ(result["resultType"], "complete");
  EXPECT_EQ(result["ttlMs"], 0);
  EXPECT_EQ(result["cacheScope"], "private");
  EXPECT_EQ(result["supportedVersions"].back(), "2026-07-28");
  EXPECT_EQ(result["instructions"], "Be kind.");
  EXPECT_EQ(result["capabilities"]["tools"]["listChanged"], true);
  EXPECT_FALSE(result["capabilities"].contains("logging"));
  EXPECT_EQ(result["_meta"][std::string(meta::server_info)]["name"], "tested");
  EXPECT_EQ(got.header(header::session), "");
}

TEST(mcp_modern_server, has_no_sessions) {
  serving subject;
  for (const auto verb : {http::method::get, http::method::del}) {
    const reply got = subject.ask(request(verb, "", {{header::version, std::string(modern_version)}}));
    EXPECT_EQ(got.status, 405);
    EXPECT_EQ(got.header("Allow"), "POST");
  }
  EXPECT_EQ(subject.ask(modern("initialize")).status, 404);
  EXPECT_EQ(subject.ask(modern("ping")).status, 404);
  EXPECT_EQ(subject.get().sessions(), 0U);
}

TEST(mcp_modern_server, keeps_what_a_handler_says_itself) {
  serving subject;
  const auto asks = [](call& from) -> boost::asio::awaitable<outcome> {
    co_return outcome(R"({"resultType":"input_required","_meta":{"x":1},"params":)" +
                      std::string(from.params()) + "}");
  };
  subject.get().set_tools({make_tool({"ask", "", "", R"({"type":"object"})"}, asks)});
  const json result = subject.ask(modern("tools/call", {{"name", "ask"}, {"requestState", "s"}})).result();
  EXPECT_EQ(result["resultType"], "input_required");
  EXPECT_EQ(result["_meta"], json({{"x", 1}}));
  EXPECT_EQ(result["params"]["requestState"], "s");
}

TEST(mcp_modern_server, an_empty_result_is_dressed_too) {
  serving subject;
  const auto nothing = [](call&) -> boost::asio::awaitable<outcome> { co_return outcome("{ }"); };
  subject.get().set_tools({make_tool({"nothing", "", "", R"({"type":"object"})"}, nothing)});
  EXPECT_EQ(subject.ask(modern("tools/call", {{"name", "nothing"}})).result()["resultType"], "complete");
}

TEST(mcp_modern_server, tells_listeners_what_they_asked_for) {
  serving subject;
  subject.get().set_resources({}, {});
  const json wants = {
      {"toolsListChanged", true}, {"promptsListChanged", true}, {"resourceSubscriptions", {"x://1"}}};
  const auto client = subject.open(modern("subscriptions/listen", listen_to(wants), "sub-1"));
  ASSERT_EQ(client->got.events.size(), 1U);
  const json first = client->got.events[0];
  EXPECT_EQ(first["method"], "notifications/subscriptions/acknowledged");
  // There are no prompts, so nobody will say that they have changed.
  EXPECT_EQ(first["params"]["notifications"],
            json({{"toolsListChanged", true}, {"resourceSubscriptions", {"x://1"}}}));
  subject.get().set_tools({another()});
  subject.get().set_tools({another()});  // the same: no news
  subject.get().resource_updated("x://1");
  subject.get().resource_updated("x://2");
  ASSERT_TRUE(subject.eventually([&] { return client->got.events.size() >= 3; }));
  ASSERT_TRUE(subject.eventually([&] { return client->got.keep_alives > 0; }));
  ASSERT_EQ(client->got.events.size(), 3U);
  EXPECT_EQ(client->got.events[1]["method"], "notifications/tools/list_changed");
  EXPECT_EQ(client->got.events[2]["params"]["uri"], "x://1");
  for (const json& each : client->got.events)
    EXPECT_EQ(each["params"]["_meta"][std::string(meta::subscription)], "sub-1");
  subject.get().close();
  ASSERT_TRUE(subject.eventually([&] { return client->got.ended; }));
  EXPECT_EQ(client->got.message()["id"], "sub-1");
  EXPECT_EQ(client->got.result()["resultType"], "complete");
}

TEST(mcp_modern_server, a_filter_must_be_an_object) {
  serving subject;
  EXPECT_EQ(subject.ask(modern("subscriptions/listen")).error(), code::invalid_params);
  EXPECT_EQ(subject.ask(modern("subscriptions/listen", listen_to(3))).error(), code::invalid_params);
}

TEST(mcp_modern_server, who_leaves_takes_the_request_back) {
  serving subject;
  auto waiting = subject.open(modern("tools/call", {{"name", "wait"}, {"arguments", {{"ms", 60'000}}}}));
  EXPECT_EQ(subject.running, 1);
  waiting.reset();
  EXPECT_TRUE(subject.eventually([&] { return subject.cancelled == 1; }));
  auto streaming = subject.open(modern("tools/call", {{"name", "wait"}, {"arguments", {{"ms", 60'000}}}}));
  ASSERT_TRUE(subject.eventually([&] { return streaming->got.keep_alives > 0; }));
  streaming.reset();
  EXPECT_TRUE(subject.eventually([&] { return subject.cancelled == 2; }));
  EXPECT_EQ(subject.running, 0);
}

TEST(mcp_modern_server, logs_only_to_who_asked_for_it) {
  serving subject;
  const json params = {{"name", "wait"}, {"arguments", {{"ms", 1}}}};
  EXPECT_EQ(subject.ask(modern("tools/call", params)).events.size(), 0U);
  const auto at = [](const char* level) { return json{{std::string(meta::log_level), level}}; };
  EXPECT_EQ(subject.ask(modern("tools/call", params, 1, at("info"))).events.size(), 2U);
  EXPECT_EQ(subject.ask(modern("tools/call", params, 1, at("error"))).events.size(), 0U);
}

}  // namespace
}  // namespace workspaced::mcp::test
