#include "door/translate.hpp"

#include "json/edit.hpp"

#include <array>
#include <utility>

namespace workspaced::door {
namespace {

using mcp::era;
using mcp::message;

/// `text` edited; as it was where the edit is not possible.
std::string with(std::string text, const json::path& along, std::string_view value) {
  auto edited = json::set_member(text, along, value);
  return edited ? std::move(*edited) : text;
}

std::string without(std::string text, const json::path& along) {
  auto edited = json::remove_member(text, along);
  return edited ? std::move(*edited) : text;
}

std::optional<std::string> member(std::string_view object, std::string_view name) {
  const auto found = json::get_member(object, {std::string(name)});
  return found && *found ? std::optional(std::string(**found)) : std::nullopt;
}

constexpr std::array modern_result_members = {"resultType", "ttlMs", "cacheScope"};

std::string result_for_client(const message& from_server, era server, era client, std::string_view id) {
  std::string text = with(from_server.text(), {"id"}, id);
  if (server == client || from_server.result().empty()) return text;
  const auto type = member(from_server.result(), "resultType");
  if (client == era::modern) {
    if (type) return text;
    text = with(std::move(text), {"result", "resultType"}, "\"complete\"");
    text = with(std::move(text), {"result", "ttlMs"}, "0");
    return with(std::move(text), {"result", "cacheScope"}, "\"private\"");
  }
  if (type && *type != "\"complete\"") {
    return mcp::error_text(id,
                           {mcp::code::internal_error,
                            "the server asks for input that a client of this protocol version cannot give"});
  }
  for (const char* each : modern_result_members) text = without(std::move(text), {"result", each});
  return text;
}

}  // namespace

std::string_view progress_token(const message& request) {
  if (request.meta().empty()) return {};
  const auto found = json::get_member(request.meta(), {"progressToken"});
  return found && *found ? **found : std::string_view();
}

std::string for_modern_server(const message& request) {
  const auto meta = [](std::string_view name) { return json::path{"params", "_meta", std::string(name)}; };
  std::string text = with(request.text(), meta(mcp::meta::version), json::quote(mcp::modern_version));
  text = with(std::move(text), meta(mcp::meta::capabilities), "{}");
  return with(std::move(text), meta(mcp::meta::client_info), R"({"name":"workspaced","version":"1"})");
}

std::string for_legacy_server(const message& request, std::string_view id) {
  std::string text = with(request.text(), {"id"}, id);
  for (const std::string_view each : {mcp::meta::version, mcp::meta::capabilities, mcp::meta::client_info})
    text = without(std::move(text), {"params", "_meta", std::string(each)});
  if (!progress_token(request).empty())
    text = with(std::move(text), {"params", "_meta", "progressToken"}, id);
  return text;
}

std::optional<std::string> for_client(const message& from_server, era server, era client, std::string_view id,
                                      std::string_view progress_token) {
  switch (from_server.what()) {
    case message::kind::request: return std::nullopt;
    case message::kind::response: return result_for_client(from_server, server, client, id);
    case message::kind::notification: break;
  }
  if (from_server.method() != "notifications/progress" || progress_token.empty()) return from_server.text();
  return with(from_server.text(), {"params", "progressToken"}, progress_token);
}

}  // namespace workspaced::door
