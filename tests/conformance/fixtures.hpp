// What the MCP conformance suite expects a server to offer: tools, prompts and resources that do one thing
// each. Names and texts are the suite's.
#pragma once

#include "mcp/server.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::conformance {

/// A red dot as PNG, and a moment of silence as WAV, in base64.
inline constexpr std::string_view red_dot =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
inline constexpr std::string_view silence = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

/// A handler that has nothing to wait for.
[[nodiscard]] mcp::handler at_once(std::function<mcp::outcome(mcp::call&)> answer);

/// Content of tools and prompts, as JSON.
[[nodiscard]] std::string text_content(std::string_view text);
[[nodiscard]] std::string image_content();
[[nodiscard]] std::string resource_content(std::string_view uri, std::string_view type,
                                           std::string_view text);

/// A tool that takes no arguments.
[[nodiscard]] mcp::tool fixture(const std::string& name, const std::string& description, mcp::handler run);

/// Tools that answer, report, log and fail.
[[nodiscard]] std::vector<mcp::tool> simple_tools();
/// Tools that need something of the client before they can answer.
[[nodiscard]] std::vector<mcp::tool> asking_tools();
[[nodiscard]] std::vector<mcp::prompt> prompts();
[[nodiscard]] std::vector<mcp::resource> resources();
[[nodiscard]] std::vector<mcp::resource_template> resource_templates();

/// The result of `inputRequests` (a JSON object), with `state` if it is not empty.
[[nodiscard]] mcp::outcome input_required(const std::string& requests, const std::string& state = {});
/// A request of its own for text from the user: `"key":{…}`.
[[nodiscard]] std::string ask_user(std::string_view key, std::string_view message, std::string_view field,
                                   std::string_view type = "string");
/// A value of the client's answers, along `path`; empty when it is not there.
[[nodiscard]] std::string_view answered(const mcp::call& from, std::vector<std::string> path);

}  // namespace workspaced::conformance
