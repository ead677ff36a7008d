// What a server answers, whatever the era.
#include "unit/mcp/serving.hpp"

namespace workspaced::mcp::test {
namespace {

http::request call_tool(const std::string& name, const json& arguments) {
  return modern("tools/call", {{"name", name}, {"arguments", arguments}});
}

TEST(mcp_server, calls_a_tool) {
  serving subject;
  const reply got = subject.ask(call_tool("echo", {{"text", "grüße"}}));
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.content_type, "application/json");
  EXPECT_EQ(got.result()["content"][0]["text"], "grüße");
  EXPECT_EQ(got.message()["id"], 1);
}

TEST(mcp_server, wrong_arguments_are_a_result_that_a_model_can_read) {
  serving subject;
  const reply got = subject.ask(call_tool("echo", {{"txt", 1}}));
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.result()["isError"], true);
  EXPECT_EQ(got.result()["content"][0]["text"], R"(Invalid arguments for echo: arguments must have "text")");
}

TEST(mcp_server, what_is_not_there_is_an_error) {
  serving subject;
  EXPECT_EQ(subject.ask(call_tool("absent", json::object())).error(), code::invalid_params);
  EXPECT_EQ(subject.ask(modern("tools/call")).error(), code::invalid_params);
  EXPECT_EQ(subject.ask(call_tool("echo", json::array())).error(), code::invalid_params);
  EXPECT_EQ(subject.ask(modern("absent/method")).status, 404);
  EXPECT_EQ(subject.ask(modern("prompts/list")).error(), code::method_not_found);
  EXPECT_EQ(subject.ask(modern("resources/list")).error(), code::method_not_found);
  EXPECT_EQ(subject.ask(modern("completion/complete")).error(), code::method_not_found);
}

TEST(mcp_server, a_handler_that_throws_is_an_internal_error) {
  serving subject;
  const reply got = subject.ask(call_tool("broken", json::object()));
  EXPECT_EQ(got.error(), code::internal_error);
  EXPECT_EQ(got.message()["error"]["message"], "Internal error: it broke");
}

TEST(mcp_server, a_handler_may_answer_with_an_error_of_the_protocol) {
  serving subject;
  const reply got = subject.ask(call_tool("refuse", json::object()));
  EXPECT_EQ(got.status, 400);
  EXPECT_EQ(got.error(), code::missing_capability);
  EXPECT_EQ(got.message()["error"]["data"]["x"], 1);
}

TEST(mcp_server, lists_come_in_pages) {
  auto about = serving::quick();
  about.page = 3;
  serving subject(about);
  const json first = subject.ask(modern("tools/list")).result();
  EXPECT_EQ(first["tools"].size(), 3U);
  EXPECT_EQ(first["tools"][0]["name"], "echo");
  EXPECT_EQ(first["tools"][0]["annotations"].size(), 4U);
  const json second = subject.ask(modern("tools/list", {{"cursor", first["nextCursor"]}})).result();
  EXPECT_EQ(second["tools"].size(), 1U);
  EXPECT_FALSE(second.contains("nextCursor"));
  EXPECT_EQ(subject.ask(modern("tools/list", {{"cursor", "absent"}})).error(), code::invalid_params);
  EXPECT_EQ(subject.ask(modern("tools/list", {{"cursor", 3}})).error(), code::invalid_params);
}

TEST(mcp_server, prompts_and_resources_are_offered_once_there_are_some) {
  serving subject;
  const auto nothing = [](call& from) -> boost::asio::awaitable<outcome> {
    const std::string id = from.parameters.empty() ? "none" : from.parameters.front().second;
    co_return outcome(R"({"id":")" + id + "\"}");
  };
  const auto complete = [](std::string_view argument, std::string_view begun) {
    return std::vector<std::string>(150, std::string(argument) + ":" + std::string(begun));
  };
  subject.get().set_prompts({{"greet", "", "Greets", {{"who", "Whom", true}}, nothing, complete}});
  subject.get().set_resources({{"x://one", "one", "", "text/plain", nothing}},
                              {{"x://{id}/data", "data", "", "", nothing}});
  EXPECT_EQ(subject.ask(modern("prompts/list")).result()["prompts"][0]["arguments"][0]["required"], true);
  EXPECT_EQ(subject.ask(modern("prompts/get", {{"name", "greet"}})).error(), code::invalid_params);
  const json good = {{"name", "greet"}, {"arguments", {{"who", "Eve"}}}};
  EXPECT_EQ(subject.ask(modern("prompts/get", good)).status, 200);
  const json bad = {{"name", "greet"}, {"arguments", {{"who", 1}}}};
  EXPECT_EQ(subject.ask(modern("prompts/get", bad)).error(), code::invalid_params);
  EXPECT_EQ(subject.ask(modern("resources/read", {{"uri", "x://one"}})).result()["id"], "none");
  EXPECT_EQ(subject.ask(modern("resources/read", {{"uri", "x://7/data"}})).result()["id"], "7");
  const reply absent = subject.ask(modern("resources/read", {{"uri", "x://7/8/data"}}));
  EXPECT_EQ(absent.error(), code::invalid_params);
  EXPECT_EQ(absent.message()["error"]["data"]["uri"], "x://7/8/data");
  json completion = {{"ref", {{"type", "ref/prompt"}, {"name", "greet"}}},
                     {"argument", {{"name", "who"}, {"value", "E"}}}};
  const json values = subject.ask(modern("completion/complete", completion)).result()["completion"];
  EXPECT_EQ(values["values"].size(), 100U);
  EXPECT_EQ(values["values"][0], "who:E");
  EXPECT_EQ(values["total"], 150);
  EXPECT_EQ(values["hasMore"], true);
  completion["ref"]["name"] = "absent";
  EXPECT_EQ(subject.ask(modern("completion/complete", completion)).error(), code::invalid_params);
}

TEST(mcp_server, templates_match_whole_uris) {
  EXPECT_TRUE(match_template("a://{x}/b/{y}", "a://1/b/2"));
  EXPECT_FALSE(match_template("a://{x}/b", "a://1/b/2"));
  EXPECT_FALSE(match_template("a://{x}/b", "a:///b"));
  EXPECT_FALSE(match_template("a://{x", "a://1"));
  EXPECT_TRUE(match_template("a://b", "a://b"));
  EXPECT_FALSE(match_template("a://b", "a://bc"));
}

TEST(mcp_server, names_are_printed_as_one_short_line_of_unicode) {
  EXPECT_EQ(printable("plain"), "plain");
  EXPECT_EQ(printable("a\xff z"), "a\xEF\xBF\xBD z");
  EXPECT_EQ(printable(std::string(500, 'x')), std::string(120, 'x') + "…");
}

TEST(mcp_server, posts_must_be_messages) {
  serving subject;
  EXPECT_EQ(subject.ask(request(http::method::post, "{")).error(), code::parse_error);
  EXPECT_EQ(subject.ask(request(http::method::post, "[]")).error(), code::invalid_request);
  EXPECT_EQ(subject.ask(request(http::method::put, "{}")).status, 405);
}

}  // namespace
}  // namespace workspaced::mcp::test
