#include "claude/entry.hpp"

#include "json/edit.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace workspaced::claude {
namespace {

constexpr std::string_view authorization = "Authorization";

/// What we write in an entry, in this order.
struct our_member {
  json::path at;
  bool also_absent;  ///< that it is not there is ours to say, too
};

const std::vector<our_member>& our_members() {
  static const std::vector<our_member> all = {
      {{"type"}, false},
      {{"url"}, true},
      {{"httpUrl"}, true},
      {{"headersHelper"}, true},
      {{"headers", std::string(authorization)}, true},
      {{"alwaysLoad"}, false},
  };
  return all;
}

bool is_authorization(std::string_view name) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(name.begin(), name.end(), authorization.begin(), authorization.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

json::path join(json::path base, const json::path& rest) {
  base.insert(base.end(), rest.begin(), rest.end());
  return base;
}

/// All spellings of the header: names of headers do not mind case, and two of them would both be sent.
std::vector<std::pair<std::string, std::string_view>> authorizations(std::string_view text,
                                                                     const json::path& headers) {
  auto members = json::list_members(text, headers);
  if (!members) return {};
  std::erase_if(*members, [](const auto& each) { return !is_authorization(each.first); });
  return std::move(*members);
}

/// The raw value of a member of an entry; several of the header are one text that is like no single one.
std::optional<std::string> value_of(std::string_view entry, const json::path& member) {
  if (member.back() == authorization) {
    std::string values;
    for (const auto& [name, value] : authorizations(entry, {"headers"}))
      values += (values.empty() ? "" : ", ") + std::string(value);
    if (values.empty()) return std::nullopt;
    return values;
  }
  const auto found = json::get_member(entry, member);
  if (!found || !*found) return std::nullopt;
  return std::string(**found);
}

bool same(const std::optional<std::string>& left, const std::optional<std::string>& right) {
  if (!left || !right) return !left && !right;
  return *left == *right ||
         (json::check_value(*left) && json::check_value(*right) && json::equal_values(*left, *right));
}

/// "Bearer" and what else names a way of authentication may be shown, what follows it not.
std::string shown(const json::path& member, const std::optional<std::string>& value) {
  if (!value) return {};
  return member.back() == authorization ? R"("Bearer …")" : *value;
}

bool is_ours(const our_member& member, std::string_view text) {
  return member.also_absent || value_of(text, member.at);
}

std::vector<difference> compare(std::string_view present, std::string_view wanted) {
  std::vector<difference> all;
  for (const our_member& member : our_members()) {
    if (!is_ours(member, wanted)) continue;
    const auto found = value_of(present, member.at);
    const auto right = value_of(wanted, member.at);
    if (same(found, right)) continue;
    std::string name = member.at.front();
    if (member.at.size() > 1) name += "." + member.at.back();
    all.push_back({name, shown(member.at, right), shown(member.at, found)});
  }
  return all;
}

/// A member that our last text had, and that the next has no more.
std::vector<difference> leftovers(std::string_view present, const set_entry& wanted) {
  std::vector<difference> all;
  if (wanted.earlier.empty()) return all;
  for (const our_member& member : our_members()) {
    if (is_ours(member, wanted.text)) continue;
    const auto found = value_of(present, member.at);
    if (found && same(found, value_of(wanted.earlier.front(), member.at)))
      all.push_back({member.at.front(), {}, *found});
  }
  return all;
}

bool is_one_of(std::string_view present, const std::vector<std::string>& texts) {
  return std::any_of(texts.begin(), texts.end(),
                     [present](const std::string& text) { return compare(present, text).empty(); });
}

assessment assess_entry(std::string_view present, const set_entry& wanted) {
  auto differences = compare(present, wanted.text);
  const bool as_wanted = differences.empty();
  for (auto& each : leftovers(present, wanted)) differences.push_back(std::move(each));
  if (differences.empty()) return {standing::in_place, {}};
  const bool ours = as_wanted || wanted.earlier.empty() || is_one_of(present, wanted.earlier);
  return {ours ? standing::outdated : standing::changed_by_hand, std::move(differences)};
}

/// One header of the right spelling, or none.
json::result<std::string> set_authorization(std::string text, const json::path& headers,
                                            const std::optional<std::string>& value) {
  std::vector<std::string> unwanted;
  for (const auto& [name, content] : authorizations(text, headers)) {
    if (!value || name != authorization) unwanted.push_back(name);
  }
  for (const std::string& name : unwanted) {
    auto edited = json::remove_member(text, join(headers, {name}));
    if (!edited) return edited;
    text = std::move(*edited);
  }
  if (!value) return text;
  return json::set_member(text, join(headers, {std::string(authorization)}), *value);
}

json::result<std::string> set_one(std::string text, const set_entry& wanted, const our_member& member) {
  const auto value = value_of(wanted.text, member.at);
  if (member.at.back() == authorization)
    return set_authorization(std::move(text), join(wanted.at, {"headers"}), value);
  const json::path at = join(wanted.at, member.at);
  return value ? json::set_member(text, at, *value) : json::remove_member(text, at);
}

json::result<std::string> set_members(std::string text, std::string_view present, const set_entry& wanted) {
  const auto old = leftovers(present, wanted);
  const auto is_old = [&old](const our_member& member) {
    return std::any_of(old.begin(), old.end(),
                       [&](const difference& each) { return each.member == member.at.front(); });
  };
  for (const our_member& member : our_members()) {
    if (!is_ours(member, wanted.text) && !is_old(member)) continue;
    auto edited = set_one(std::move(text), wanted, member);
    if (!edited) return edited;
    text = std::move(*edited);
  }
  return text;
}

/// Whether there is nothing to do at an entry that is there, or not.
bool holds(const std::optional<std::string_view>& present, const set_entry& wanted) {
  if (!present) return false;
  const standing state = assess_entry(*present, wanted).state;
  return state == standing::in_place || (state == standing::changed_by_hand && !wanted.force);
}
bool holds(const std::optional<std::string_view>& present, const remove_entry& unwanted) {
  return !present || (!unwanted.force && !is_one_of(*present, unwanted.earlier));
}

/// Entries of one text. Files may be large and our entries many: what they stand in is looked for once.
class entry_finder {
 public:
  explicit entry_finder(std::string_view text) : text_(text) {}

  json::result<std::optional<std::string_view>> operator()(const json::path& at) {
    const json::path servers(at.begin(), at.end() - 1);
    if (!known_ || servers != servers_) {
      auto members = json::list_members(text_, servers);
      if (!members) return members.error();
      members_ = std::move(*members);
      servers_ = servers;
      known_ = true;
    }
    std::optional<std::string_view> found;
    for (const auto& [name, value] : members_) {
      if (name == at.back()) found = value;  // of several the last counts
    }
    return found;
  }

 private:
  std::string_view text_;
  bool known_ = false;
  json::path servers_;
  std::vector<std::pair<std::string, std::string_view>> members_;
};

/// A text that is no object does not hold: the edit says why.
bool hold_already(std::string_view text, const std::vector<change>& changes) {
  entry_finder find(text);
  for (const change& each : changes) {
    const auto present = find(std::visit([](const auto& one) { return one.at; }, each));
    if (!present) return false;
    if (!std::visit([&](const auto& one) { return holds(*present, one); }, each)) return false;
  }
  return true;
}

json::result<std::string> edit(std::string_view text, const set_entry& wanted) {
  const auto present = json::get_member(text, wanted.at);
  if (!present) return present.error();
  if (!*present) return json::set_member(text, wanted.at, wanted.text);
  const std::string entry(**present);
  if (holds(entry, wanted)) return std::string(text);
  const bool has_url = value_of(entry, {"url"}) || value_of(entry, {"httpUrl"});
  if (!has_url) return json::set_member(text, wanted.at, wanted.text);
  return set_members(std::string(text), entry, wanted);
}

json::result<std::string> edit(std::string_view text, const remove_entry& unwanted) {
  const auto present = json::get_member(text, unwanted.at);
  if (!present) return present.error();
  if (holds(*present, unwanted)) return std::string(text);
  return json::remove_member(text, unwanted.at);
}

}  // namespace

std::string make_entry(const entry_form& form, std::string_view url, const credentials& who,
                       bool always_load) {
  std::string entry = "{";
  if (!form.type.empty()) entry += R"("type":)" + json::quote(form.type) + ",";
  entry += json::quote(form.url) + ":" + json::quote(url);
  if (const auto* const command = std::get_if<helper>(&who))
    entry += R"(,"headersHelper":)" + json::quote(command->command);
  if (const auto* const secret = std::get_if<bearer>(&who))
    entry += R"(,"headers":{"Authorization":)" + json::quote("Bearer " + secret->token) + "}";
  if (always_load) entry += R"(,"alwaysLoad":true)";
  return entry + "}";
}

bool holds_secret(std::string_view entry) { return !authorizations(entry, {"headers"}).empty(); }

json::result<std::vector<assessment>> assess(std::string_view text, const std::vector<set_entry>& wanted) {
  entry_finder find(text);
  std::vector<assessment> all;
  for (const set_entry& each : wanted) {
    const auto present = find(each.at);
    if (!present) return present.error();
    all.push_back(*present ? assess_entry(**present, each) : assessment{});
  }
  return all;
}

std::map<std::string, std::vector<std::string>> local_entries(std::string_view text) {
  std::map<std::string, std::vector<std::string>> projects_by_server;
  const auto projects = json::list_members(text, {"projects"});
  if (!projects) return projects_by_server;
  for (const auto& [project, content] : *projects) {
    const auto servers = json::list_members(content, {std::string(claude_form.servers)});
    if (!servers) continue;
    for (const auto& [server, entry] : *servers) projects_by_server[server].push_back(project);
  }
  return projects_by_server;
}

json::result<std::string> apply_changes(std::string_view text, const std::vector<change>& changes) {
  if (hold_already(text, changes)) return std::string(text);
  json::result<std::string> edited = std::string(text);
  for (const change& next : changes) {
    edited = std::visit([&](const auto& wanted) { return edit(*edited, wanted); }, next);
    if (!edited) break;
  }
  return edited;
}

}  // namespace workspaced::claude
