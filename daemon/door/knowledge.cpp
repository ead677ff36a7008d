#include "door/knowledge.hpp"

#include "json/edit.hpp"
#include "mcp/rules.hpp"

#include <algorithm>
#include <utility>

namespace workspaced::door {
namespace {

std::string member(std::string_view object, std::string_view name) {
  const auto found = json::get_member(object, {std::string(name)});
  return found && *found ? std::string(**found) : "";
}

std::string object_member(std::string_view object, std::string_view name) {
  std::string text = member(object, name);
  return text.starts_with('{') ? text : "";
}

std::string text_member(std::string_view object, std::string_view name) {
  return json::string_value(member(object, name)).value_or("");
}

/// `text` with the member set; as it was when something else is in the way.
std::string with(std::string text, const json::path& along, std::string_view value) {
  auto edited = json::set_member(text, along, value);
  return edited ? std::move(*edited) : text;
}

std::string default_info(const std::string& name) {
  return R"({"name":)" + json::quote(name) + R"(,"version":"0"})";
}

}  // namespace

const list_kind* find_list(std::string_view method) {
  const auto place = std::find_if(list_kinds.begin(), list_kinds.end(),
                                  [&](const auto& each) { return each.method == method; });
  return place == list_kinds.end() ? nullptr : &*place;
}

std::string knowledge::title() const {
  if (!who_ || who_->server_info.empty()) return {};
  const std::string version = text_member(who_->server_info, "version");
  return text_member(who_->server_info, "name") + (version.empty() ? "" : " " + version);
}

bool knowledge::has_capability(std::string_view name) const {
  return !who_ || !member(who_->capabilities, name).empty();
}

bool knowledge::announces() const {
  if (!who_) return false;
  return std::any_of(list_kinds.begin(), list_kinds.end(), [this](const list_kind& kind) {
    return member(object_member(who_->capabilities, kind.capability), "listChanged") == "true";
  });
}

std::string_view knowledge::items(std::string_view method) const {
  const auto place = lists_.find(method);
  return place == lists_.end() ? std::string_view() : std::string_view(place->second);
}

bool knowledge::learn(identity who) {
  if (who_ == who) return false;
  who_ = std::move(who);
  return true;
}

bool knowledge::learn(std::string_view method, std::string items) {
  std::string& known = lists_[std::string(method)];
  if (!known.empty() && json::equal_values(known, items)) return false;
  known = std::move(items);
  if (method != "tools/list") return true;
  repeatable_.clear();
  tool_count_ = 0;
  for (const std::string_view tool : json::elements(known)) {
    ++tool_count_;
    const std::string annotations = object_member(tool, "annotations");
    if (annotations.empty()) continue;
    if (member(annotations, "readOnlyHint") == "true" || member(annotations, "idempotentHint") == "true")
      repeatable_.insert(text_member(tool, "name"));
  }
  return true;
}

/// What the server has, and that changes will be told: we tell them, whether it does or not.
std::string knowledge::capabilities_for_clients() const {
  if (!who_)
    return R"({"tools":{"listChanged":true},"prompts":{"listChanged":true},"resources":{"listChanged":true}})";
  std::string text = who_->capabilities;
  for (const list_kind& kind : list_kinds) {
    if (!object_member(text, kind.capability).empty())
      text = with(std::move(text), {std::string(kind.capability), "listChanged"}, "true");
  }
  return text;
}

std::string knowledge::initialize_result(std::string_view requested_version, const std::string& name) const {
  // A server that agreed to a version knows the older ones, too; one without sessions leaves the choice to
  // us.
  const std::string_view newest =
      who_ && !who_->version.empty() ? std::string_view(who_->version) : mcp::latest_legacy;
  const bool fits = mcp::is_legacy_version(requested_version) && requested_version <= newest;
  std::string text = R"({"protocolVersion":)" + json::quote(fits ? requested_version : newest) +
                     R"(,"capabilities":)" + capabilities_for_clients() + R"(,"serverInfo":)" +
                     (who_ && !who_->server_info.empty() ? who_->server_info : default_info(name));
  if (who_ && !who_->instructions.empty()) text += R"(,"instructions":)" + who_->instructions;
  return text + "}";
}

std::string knowledge::discover_result(const std::string& name) const {
  std::string text = R"({"resultType":"complete","supportedVersions":)" + mcp::supported_versions() +
                     R"(,"capabilities":)" + capabilities_for_clients() + R"(,"_meta":{)" +
                     json::quote(mcp::meta::server_info) + ":" +
                     (who_ && !who_->server_info.empty() ? who_->server_info : default_info(name)) + "}";
  if (who_ && !who_->instructions.empty()) text += R"(,"instructions":)" + who_->instructions;
  return text + R"(,"ttlMs":0,"cacheScope":"private"})";
}

std::string knowledge::list_result(const list_kind& kind, mcp::era client) const {
  const std::string_view known = items(kind.method);
  std::string text = "{" + json::quote(kind.member) + ":" + std::string(known.empty() ? "[]" : known);
  if (client == mcp::era::modern) text += R"(,"resultType":"complete","ttlMs":0,"cacheScope":"private")";
  return text + "}";
}

std::string knowledge::to_json() const {
  if (!who_) return "{}\n";
  std::string text = R"({"version":)" + json::quote(who_->version) +
                     ",\n \"modern\":" + (who_->modern ? "true" : "false") +
                     ",\n \"capabilities\":" + who_->capabilities;
  if (!who_->server_info.empty()) text += ",\n \"serverInfo\":" + who_->server_info;
  if (!who_->instructions.empty()) text += ",\n \"instructions\":" + who_->instructions;
  text += ",\n \"lists\":{";
  std::string_view comma;
  for (const auto& [method, items] : lists_) {
    text += std::string(comma) + json::quote(method) + ":" + items;
    comma = ",\n  ";
  }
  return text + "}}\n";
}

std::optional<knowledge> knowledge::from_json(std::string_view text) {
  identity who;
  who.capabilities = object_member(text, "capabilities");
  if (who.capabilities.empty()) return std::nullopt;
  who.version = text_member(text, "version");
  who.modern = member(text, "modern") == "true";
  who.server_info = object_member(text, "serverInfo");
  who.instructions = member(text, "instructions");
  knowledge out;
  out.learn(std::move(who));
  for (const list_kind& kind : list_kinds) {
    std::string items = member(object_member(text, "lists"), kind.method);
    if (items.starts_with('[')) out.learn(kind.method, std::move(items));
  }
  return out;
}

std::optional<identity> identity_of_initialize(std::string_view result) {
  identity who;
  who.version = text_member(result, "protocolVersion");
  who.capabilities = object_member(result, "capabilities");
  if (who.version.empty() || who.capabilities.empty()) return std::nullopt;
  who.server_info = object_member(result, "serverInfo");
  who.instructions = member(result, "instructions");
  if (!who.instructions.starts_with('"')) who.instructions.clear();
  return who;
}

std::optional<identity> identity_of_discover(std::string_view result) {
  identity who;
  who.modern = true;
  who.capabilities = object_member(result, "capabilities");
  if (who.capabilities.empty() || member(result, "supportedVersions").empty()) return std::nullopt;
  who.server_info = object_member(object_member(result, "_meta"), mcp::meta::server_info);
  who.instructions = member(result, "instructions");
  if (!who.instructions.starts_with('"')) who.instructions.clear();
  return who;
}

}  // namespace workspaced::door
