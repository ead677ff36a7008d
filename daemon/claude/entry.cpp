#include "claude/entry.hpp"

#include "json/edit.hpp"

#include <algorithm>
#include <optional>

namespace workspaced::claude {
namespace {

constexpr std::string_view authorization = "Authorization";

bool same_header(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

std::string bearer(const set_server& wanted) { return json::quote("Bearer " + wanted.bearer_token); }

std::string whole_entry(const set_server& wanted) {
  std::string entry = R"({"type":"http","url":)" + json::quote(wanted.url);
  if (!wanted.bearer_token.empty()) entry += R"(,"headers":{"Authorization":)" + bearer(wanted) + "}";
  return entry + "}";
}

/// Header names do not mind case: two spellings of Authorization would both be sent, joined by a comma.
json::result<std::string> edit_authorization(std::string text, const set_server& wanted, json::path headers) {
  const auto present = json::list_members(text, headers);
  if (!present) return present.error();
  headers.emplace_back();
  std::vector<std::string> unwanted;
  for (const auto& [name, value] : *present) {
    const bool ours = name == authorization && !wanted.bearer_token.empty();
    if (!ours && same_header(name, authorization)) unwanted.push_back(name);
  }
  for (const std::string& name : unwanted) {
    headers.back() = name;
    auto edited = json::remove_member(text, headers);
    if (!edited) return edited.error();
    text = std::move(*edited);
  }
  if (wanted.bearer_token.empty()) return text;
  headers.back() = authorization;
  return json::set_member(text, headers, bearer(wanted));
}

json::result<std::string> edit(std::string_view text, const set_server& wanted) {
  const json::path entry = {"mcpServers", wanted.name};
  const json::path url = {"mcpServers", wanted.name, "url"};
  const auto present = json::get_member(text, url);
  if (!present) return present.error();
  if (!*present) return json::set_member(text, entry, whole_entry(wanted));

  auto edited = json::set_member(text, {"mcpServers", wanted.name, "type"}, R"("http")");
  if (edited) edited = json::set_member(*edited, url, json::quote(wanted.url));
  if (!edited) return edited;
  return edit_authorization(std::move(*edited), wanted, {"mcpServers", wanted.name, "headers"});
}

json::result<std::string> edit(std::string_view text, const remove_server& unwanted) {
  return json::remove_member(text, {"mcpServers", unwanted.name});
}

}  // namespace

json::result<std::string> apply_changes(std::string_view text, const std::vector<change>& changes) {
  json::result<std::string> edited = std::string(text);
  for (const change& next : changes) {
    edited = std::visit([&](const auto& wanted) { return edit(*edited, wanted); }, next);
    if (!edited) break;
  }
  return edited;
}

}  // namespace workspaced::claude
