// JSON, or an event stream: which it is depends on how long an answer takes and what is said meanwhile.
#include "unit/mcp/serving.hpp"

namespace workspaced::mcp::test {
namespace {

http::request wait(int ms, const json& meta = json::object()) {
  return modern("tools/call", {{"name", "wait"}, {"arguments", {{"ms", ms}}}}, 7, meta);
}

TEST(mcp_server_stream, a_quick_answer_is_json) {
  serving subject;
  const reply got = subject.ask(wait(5));
  EXPECT_EQ(got.content_type, "application/json");
  EXPECT_EQ(got.message()["id"], 7);
}

TEST(mcp_server_stream, a_slow_one_begins_early_and_shows_that_it_lives) {
  serving subject;
  const auto began = std::chrono::steady_clock::now();
  const auto client = subject.open(wait(400));
  ASSERT_TRUE(subject.eventually([&] { return client->got.status == 200; }));
  EXPECT_GE(std::chrono::steady_clock::now() - began, 90ms);
  EXPECT_FALSE(client->got.ended);
  EXPECT_EQ(client->got.content_type, "text/event-stream");
  EXPECT_EQ(client->got.header("X-Accel-Buffering"), "no");
  ASSERT_TRUE(subject.eventually([&] { return client->got.ended; }));
  EXPECT_GE(client->got.keep_alives, 2);
  EXPECT_EQ(client->got.result()["content"][0]["text"], "waited");
}

TEST(mcp_server_stream, news_of_a_call_begin_a_stream_at_once) {
  serving subject;
  const auto client = subject.open(wait(60'000, {{"progressToken", "t-1"}}));
  ASSERT_EQ(client->got.events.size(), 1U);
  EXPECT_EQ(client->got.events[0]["params"],
            json({{"progressToken", "t-1"}, {"progress", 1}, {"total", 2}, {"message", "half"}}));
}

TEST(mcp_server_stream, a_token_of_another_kind_is_none) {
  serving subject;
  EXPECT_EQ(subject.ask(wait(1, {{"progressToken", json::array()}})).events.size(), 0U);
}

TEST(mcp_server_stream, a_client_that_fetches_nothing_costs_a_bounded_number_of_events) {
  serving subject;
  auto to = std::make_shared<outlet>(subject.loop().get_executor(), 1s);
  for (int i = 0; i < 10'000; ++i) to->post("{\"n\":" + std::to_string(i) + "}");
  to->finish("{\"end\":1}");
  const connection client(subject.loop(), outlet::answer(to, 1s));
  ASSERT_TRUE(subject.eventually([&] { return client.got.ended; }));
  EXPECT_EQ(client.got.events.size(), outlet::most_waiting + 1);
  EXPECT_EQ(client.got.message(), json({{"end", 1}}));
}

TEST(mcp_server_stream, the_server_may_go_before_its_calls) {
  serving subject;
  const auto client = subject.open(wait(60'000));
  subject.end_server();
  EXPECT_TRUE(subject.eventually([&] { return client->got.ended && subject.cancelled == 1; }));
}

}  // namespace
}  // namespace workspaced::mcp::test
