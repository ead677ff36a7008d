#include "fixtures.hpp"
#include "json/edit.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <utility>

namespace workspaced::conformance {

namespace asio = boost::asio;
using mcp::call;
using mcp::outcome;

namespace {

/// Long enough for the client to see one notification before the next.
constexpr auto moment = std::chrono::milliseconds(50);

asio::awaitable<void> pause() {
  asio::steady_timer timer(co_await asio::this_coro::executor, moment);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

std::string content(const std::string& items) { return "{\"content\":[" + items + "]}"; }

asio::awaitable<outcome> log_three_times(call& from) {
  from.log(mcp::log_level::info, "fixture", R"("Tool execution started")");
  co_await pause();
  from.log(mcp::log_level::info, "fixture", R"("Tool processing data")");
  co_await pause();
  from.log(mcp::log_level::info, "fixture", R"("Tool execution completed")");
  co_return mcp::text_result("Logged three times.");
}

asio::awaitable<outcome> report_progress(call& from) {
  for (const double done : {0.0, 50.0, 100.0}) {
    from.progress(done, 100.0, "working");
    co_await pause();
  }
  co_return mcp::text_result("Reported three times.");
}

/// 2020-12 in all its glory has to come through unchanged.
constexpr std::string_view rich_schema = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "$defs": {"address": {"$anchor": "addressDef", "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
  "properties": {
    "name": {"type": "string"},
    "address": {"$ref": "#/$defs/address"},
    "contactMethod": {"type": "string", "enum": ["phone", "email"]},
    "phone": {"type": "string"},
    "email": {"type": "string"}
  },
  "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
  "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
  "then": {"required": ["phone"]},
  "else": {"required": ["email"]},
  "additionalProperties": false
})";

}  // namespace

mcp::handler at_once(std::function<outcome(call&)> answer) {
  return [answer = std::move(answer)](call& from) -> asio::awaitable<outcome> { co_return answer(from); };
}

std::string text_content(std::string_view text) {
  return R"({"type":"text","text":)" + json::quote(text) + "}";
}

std::string image_content() {
  return R"({"type":"image","mimeType":"image/png","data":)" + json::quote(red_dot) + "}";
}

std::string resource_content(std::string_view uri, std::string_view type, std::string_view text) {
  return R"({"type":"resource","resource":{"uri":)" + json::quote(uri) + R"(,"mimeType":)" +
         json::quote(type) + R"(,"text":)" + json::quote(text) + "}}";
}

mcp::tool fixture(const std::string& name, const std::string& description, mcp::handler run) {
  mcp::tool_text about;
  about.name = name;
  about.description = description;
  about.hints = {true, false, true, false};
  return make_tool(about, std::move(run));
}

std::vector<mcp::tool> simple_tools() {
  const auto says = [](const std::string& items) {
    return at_once([text = content(items)](call&) { return outcome(text); });
  };
  std::vector<mcp::tool> all;
  all.push_back(fixture("test_simple_text", "Answers with text",
                        says(text_content("This is a simple text response for testing."))));
  all.push_back(fixture("test_image_content", "Answers with an image", says(image_content())));
  all.push_back(
      fixture("test_audio_content", "Answers with sound",
              says(R"({"type":"audio","mimeType":"audio/wav","data":)" + json::quote(silence) + "}")));
  all.push_back(fixture("test_embedded_resource", "Answers with a resource",
                        says(resource_content("test://embedded-resource", "text/plain",
                                              "This is an embedded resource content."))));
  all.push_back(fixture("test_multiple_content_types", "Answers with text, an image and a resource",
                        says(text_content("Multiple content types test:") + "," + image_content() + "," +
                             resource_content("test://mixed-content-resource", "application/json",
                                              R"({"test":"data","value":123})"))));
  all.push_back(fixture("test_error_handling", "Fails", at_once([](call&) {
                          return outcome(
                              mcp::tool_error("This tool intentionally returns an error for testing"));
                        })));
  all.push_back(fixture("test_tool_with_logging", "Logs while it works", log_three_times));
  all.push_back(fixture("test_logging_tool", "Logs while it works", log_three_times));
  all.push_back(fixture("test_tool_with_progress", "Reports how far it is", report_progress));
  mcp::tool_text rich;
  rich.name = "json_schema_2020_12_tool";
  rich.description = "Has a schema of many keywords";
  rich.input_schema = rich_schema;
  all.push_back(make_tool(rich, says(text_content("Fits."))));
  return all;
}

}  // namespace workspaced::conformance
