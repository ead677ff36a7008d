// Until 2025-11-25: sessions.
#include "unit/mcp/serving.hpp"

#include <set>

namespace workspaced::mcp::test {
namespace {

http::request hello(const json& version) {
  return request(http::method::post, body_of(1, "initialize", {{"protocolVersion", version}}));
}

http::request stream_of(const std::string& session) {
  return request(http::method::get, "", {{header::session, session}});
}

TEST(mcp_session, begins_with_a_version_that_both_speak) {
  serving subject;
  for (const char* version : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"})
    EXPECT_EQ(subject.ask(hello(version)).result()["protocolVersion"], version);
  EXPECT_EQ(subject.ask(hello("1999-01-01")).result()["protocolVersion"], "2025-11-25");
  EXPECT_EQ(subject.ask(hello(7)).error(), code::invalid_params);
  const json result = subject.ask(hello("2025-06-18")).result();
  EXPECT_EQ(result["serverInfo"]["name"], "tested");
  EXPECT_EQ(result["instructions"], "Be kind.");
  EXPECT_TRUE(result["capabilities"].contains("logging"));
  EXPECT_FALSE(result.contains("resultType"));
}

TEST(mcp_session, ids_cannot_be_guessed) {
  serving subject;
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.insert(subject.begin_session());
  EXPECT_EQ(ids.size(), 100U);
  for (const std::string& each : ids) EXPECT_EQ(each.size(), 32U);
}

TEST(mcp_session, is_named_by_every_request) {
  serving subject;
  const std::string session = subject.begin_session();
  EXPECT_EQ(subject.ask(serving::legacy(session, "ping")).result(), json::object());
  EXPECT_EQ(subject.ask(request(http::method::post, body_of(1, "ping", nullptr))).status, 400);
  EXPECT_EQ(subject.ask(serving::legacy("absent", "ping")).status, 404);
  EXPECT_EQ(subject.ask(serving::legacy(session, "notifications/initialized", nullptr, nullptr)).status, 202);
  EXPECT_EQ(subject.ask(serving::legacy(session, "server/discover")).error(), code::method_not_found);
  EXPECT_EQ(subject.ask(request(http::method::del, "", {{header::session, session}})).status, 204);
  EXPECT_EQ(subject.ask(serving::legacy(session, "ping")).status, 404);
  EXPECT_EQ(subject.ask(stream_of(session)).status, 404);
  EXPECT_EQ(subject.ask(request(http::method::get)).status, 400);
}

TEST(mcp_session, ends_when_nobody_uses_it) {
  auto about = serving::quick();
  about.session_idle = 50ms;
  serving subject(about);
  const std::string session = subject.begin_session();
  const std::string listening = subject.begin_session();
  const auto stream = subject.open(stream_of(listening));
  ASSERT_TRUE(
      subject.eventually([&] { return subject.ask(serving::legacy(listening, "ping")).status == 200; }));
  subject.turn(80ms);
  EXPECT_EQ(subject.ask(serving::legacy(session, "ping")).status, 404);
  EXPECT_EQ(subject.ask(serving::legacy(listening, "ping")).status, 200) << "it has a stream";
}

TEST(mcp_session, the_one_that_was_used_longest_ago_makes_room) {
  auto about = serving::quick();
  about.most_sessions = 2;
  serving subject(about);
  const std::string first = subject.begin_session();
  const std::string second = subject.begin_session();
  EXPECT_EQ(subject.ask(serving::legacy(first, "ping")).status, 200);
  subject.begin_session();
  EXPECT_EQ(subject.get().sessions(), 2U);
  EXPECT_EQ(subject.ask(serving::legacy(second, "ping")).status, 404);
  EXPECT_EQ(subject.ask(serving::legacy(first, "ping")).status, 200);
}

TEST(mcp_session, hears_of_changes_on_its_stream) {
  serving subject;
  subject.get().set_resources({}, {});
  const std::string session = subject.begin_session();
  const auto before = subject.open(stream_of(session));
  const auto stream = subject.open(stream_of(session));
  EXPECT_TRUE(before->got.ended) << "one stream for each session";
  EXPECT_EQ(subject.ask(serving::legacy(session, "resources/subscribe", {{"uri", "x://1"}})).result(),
            json::object());
  subject.get().set_tools({});
  subject.get().resource_updated("x://1");
  ASSERT_TRUE(subject.eventually([&] { return stream->got.events.size() == 2; }));
  EXPECT_EQ(stream->got.events[0]["method"], "notifications/tools/list_changed");
  EXPECT_EQ(stream->got.events[1]["params"]["uri"], "x://1");
  subject.ask(serving::legacy(session, "resources/unsubscribe", {{"uri", "x://1"}}));
  subject.get().resource_updated("x://1");
  ASSERT_TRUE(subject.eventually([&] { return stream->got.keep_alives > 0; }));
  EXPECT_EQ(stream->got.events.size(), 2U);
  subject.get().close();
  EXPECT_TRUE(subject.eventually([&] { return stream->got.ended; }));
}

TEST(mcp_session, has_a_level_of_its_own_for_logs) {
  serving subject;
  const std::string session = subject.begin_session();
  const auto call = serving::legacy(session, "tools/call", {{"name", "wait"}, {"arguments", {{"ms", 1}}}});
  EXPECT_EQ(subject.ask(call).events.size(), 2U);
  EXPECT_EQ(subject.ask(serving::legacy(session, "logging/setLevel", {{"level", "error"}})).result(),
            json::object());
  EXPECT_EQ(subject.ask(call).events.size(), 0U);
  EXPECT_EQ(subject.ask(serving::legacy(session, "logging/setLevel", {{"level", "loud"}})).error(),
            code::invalid_params);
}

TEST(mcp_session, cancels_by_notification_and_not_by_leaving) {
  serving subject;
  const std::string session = subject.begin_session();
  const auto wait = [&](int ms, const json& id) {
    return serving::legacy(session, "tools/call", {{"name", "wait"}, {"arguments", {{"ms", ms}}}}, id);
  };
  auto leaving = subject.open(wait(20, "a"));
  leaving.reset();
  EXPECT_TRUE(subject.eventually([&] { return subject.running == 0; }));
  EXPECT_EQ(subject.cancelled, 0);
  const auto staying = subject.open(wait(60'000, "b"));
  const json params = {{"requestId", "b"}};
  EXPECT_EQ(subject.ask(serving::legacy(session, "notifications/cancelled", params, nullptr)).status, 202);
  ASSERT_TRUE(subject.eventually([&] { return staying->got.ended; }));
  EXPECT_EQ(subject.cancelled, 1);
  for (const json& each : staying->got.events) EXPECT_FALSE(each.contains("result"));
}

TEST(mcp_session, nobody_elses_call_is_cancelled) {
  serving subject;
  const std::string mine = subject.begin_session();
  const std::string other = subject.begin_session();
  const auto call = subject.open(
      serving::legacy(mine, "tools/call", {{"name", "wait"}, {"arguments", {{"ms", 200}}}}, "same"));
  subject.ask(serving::legacy(other, "notifications/cancelled", {{"requestId", "same"}}, nullptr));
  ASSERT_TRUE(subject.eventually([&] { return call->got.ended; }));
  EXPECT_EQ(call->got.result()["content"][0]["text"], "waited");
}

}  // namespace
}  // namespace workspaced::mcp::test
