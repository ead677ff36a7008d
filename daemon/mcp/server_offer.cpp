#include "mcp/server_offer.hpp"

#include "json/edit.hpp"

#include <utility>

namespace workspaced::mcp {
namespace {

/// `"name":"text",`, or nothing for an empty text.
std::string member(std::string_view name, std::string_view text) {
  return text.empty() ? "" : json::quote(name) + ":" + json::quote(text) + ",";
}

std::string flag(std::string_view name, bool value) {
  return json::quote(name) + (value ? ":true" : ":false");
}

}  // namespace

tool make_tool(const tool_text& about, handler run) {
  std::string text = "{\"name\":" + json::quote(about.name) + "," + member("title", about.title) +
                     member("description", about.description) + R"("inputSchema":)" + about.input_schema;
  if (!about.output_schema.empty()) text += R"(,"outputSchema":)" + about.output_schema;
  text += R"(,"annotations":{)" + member("title", about.title) + flag("readOnlyHint", about.hints.read_only) +
          "," + flag("destructiveHint", about.hints.destructive) + "," +
          flag("idempotentHint", about.hints.idempotent) + "," +
          flag("openWorldHint", about.hints.open_world) + "}}";
  return {about.name, std::move(text), schema(about.input_schema), std::move(run)};
}

std::string definition_of(const prompt& what) {
  std::string arguments;
  for (const prompt_argument& each : what.arguments) {
    arguments += (arguments.empty() ? "{" : ",{") + member("description", each.description) + R"("name":)" +
                 json::quote(each.name) + "," + flag("required", each.required) + "}";
  }
  return "{" + member("title", what.title) + member("description", what.description) + R"("arguments":[)" +
         arguments + R"(],"name":)" + json::quote(what.name) + "}";
}

std::string definition_of(const resource& what) {
  return "{" + member("description", what.description) + member("mimeType", what.mime_type) + R"("name":)" +
         json::quote(what.name) + R"(,"uri":)" + json::quote(what.uri) + "}";
}

std::string definition_of(const resource_template& what) {
  return "{" + member("description", what.description) + member("mimeType", what.mime_type) + R"("name":)" +
         json::quote(what.name) + R"(,"uriTemplate":)" + json::quote(what.uri) + "}";
}

std::optional<http::header_list> match_template(std::string_view pattern, std::string_view uri) {
  http::header_list found;
  while (!pattern.empty()) {
    const auto open = pattern.find('{');
    if (!uri.starts_with(pattern.substr(0, open))) return std::nullopt;
    uri.remove_prefix(std::min(open, pattern.size()));
    if (open == std::string_view::npos) break;
    const auto close = pattern.find('}', open);
    const auto value = uri.substr(0, uri.find('/'));
    if (close == std::string_view::npos || value.empty()) return std::nullopt;
    found.emplace_back(pattern.substr(open + 1, close - open - 1), value);
    uri.remove_prefix(value.size());
    pattern.remove_prefix(close + 1);
  }
  if (!uri.empty()) return std::nullopt;
  return found;
}

}  // namespace workspaced::mcp
