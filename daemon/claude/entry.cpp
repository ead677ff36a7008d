#include "claude/entry.hpp"

#include "claude/json_edit.hpp"

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

std::string bearer(const set_server& wanted) { return quote("Bearer " + wanted.bearer_token); }

std::string whole_entry(const set_server& wanted) {
  std::string entry = R"({"type":"http","url":)" + quote(wanted.url);
  if (!wanted.bearer_token.empty()) entry += R"(,"headers":{"Authorization":)" + bearer(wanted) + "}";
  return entry + "}";
}

/// Header names do not mind case: two spellings of Authorization would both be sent, joined by a comma.
json_result<std::string> edit_authorization(std::string text, const set_server& wanted, json_path headers) {
  const auto present = list_members(text, headers);
  if (!present) return present.error();
  headers.emplace_back();
  std::vector<std::string> unwanted;
  for (const auto& [name, value] : *present) {
    const bool ours = name == authorization && !wanted.bearer_token.empty();
    if (!ours && same_header(name, authorization)) unwanted.push_back(name);
  }
  for (const std::string& name : unwanted) {
    headers.back() = name;
    auto edited = remove_member(text, headers);
    if (!edited) return edited.error();
    text = std::move(*edited);
  }
  if (wanted.bearer_token.empty()) return text;
  headers.back() = authorization;
  return set_member(text, headers, bearer(wanted));
}

json_result<std::string> edit(std::string_view text, const set_server& wanted) {
  const json_path entry = {"mcpServers", wanted.name};
  const json_path url = {"mcpServers", wanted.name, "url"};
  const auto present = get_member(text, url);
  if (!present) return present.error();
  if (!*present) return set_member(text, entry, whole_entry(wanted));

  auto edited = set_member(text, {"mcpServers", wanted.name, "type"}, R"("http")");
  if (edited) edited = set_member(*edited, url, quote(wanted.url));
  if (!edited) return edited;
  return edit_authorization(std::move(*edited), wanted, {"mcpServers", wanted.name, "headers"});
}

json_result<std::string> edit(std::string_view text, const remove_server& unwanted) {
  return remove_member(text, {"mcpServers", unwanted.name});
}

}  // namespace

json_result<std::string> apply_changes(std::string_view text, const std::vector<change>& changes) {
  json_result<std::string> edited = std::string(text);
  for (const change& next : changes) {
    edited = std::visit([&](const auto& wanted) { return edit(*edited, wanted); }, next);
    if (!edited) break;
  }
  return edited;
}

}  // namespace workspaced::claude
