#include "claude/agenda.hpp"

#include "claude/config_file.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace workspaced::claude {
namespace {

bool wants_nothing(const wish& what) {
  const auto* const how = std::get_if<core::claude_spec>(&what.program);
  return how != nullptr && how->scope == core::claude_scope::none;
}

std::string project_of(const wish& what) {
  const auto* const how = std::get_if<core::claude_spec>(&what.program);
  return how == nullptr ? "" : how->project;
}

/// Is it (or may it become) the item's entry?
bool belongs_to(const written_entry& entry, const item& one) {
  if (!one.wanted) return false;
  if (one.to) return entry.is_at(one.to->where.file, one.to->at);
  return entry.server == one.what.server && entry.program == name_of(one.what.program);
}

entry_state state_of(standing seen) {
  switch (seen) {
    case standing::in_place: return entry_state::in_place;
    case standing::missing: return entry_state::missing;
    case standing::outdated: return entry_state::outdated;
    case standing::changed_by_hand: return entry_state::changed_by_hand;
  }
  return entry_state::missing;
}

std::string advice(entry_state state) {
  switch (state) {
    case entry_state::changed_by_hand:
      return "somebody changed it, so it is left as it is; `workspacectl mcp sync --force` writes ours";
    case entry_state::missing:
    case entry_state::outdated: return "`workspacectl mcp sync` writes it";
    default: return {};
  }
}

entry_status unwanted(const item& one) {
  entry_status status;
  status.state = entry_state::not_wanted;
  status.detail = wants_nothing(one.what) ? "the configuration does not ask for it"
                                          : "taken away by `workspacectl mcp remove`, until `mcp sync`";
  return status;
}

entry_status begin(const item& one) {
  entry_status status = one.wanted ? entry_status() : unwanted(one);
  status.server = one.what.server;
  status.program = name_of(one.what.program);
  status.scope = scope_of(one.what.program);
  if (one.to) {
    status.file = one.to->where.active_file();
    status.at = one.to->at;
  }
  if (one.wanted && !one.to) status.detail = one.problem;
  return status;
}

/// The wanted entries of one file, and where their answers go.
struct question {
  location where;
  std::vector<set_entry> entries;
  std::vector<entry_status*> answers;
};

void answer(const question& asked) {
  const auto seen = assess(asked.where, asked.entries);
  for (std::size_t i = 0; i < asked.answers.size(); ++i) {
    entry_status& status = *asked.answers[i];
    if (!seen) {
      status.state = entry_state::unreadable;
      status.detail = seen.error().message + "; the file is left as it is, repair it or move it away";
      continue;
    }
    status.state = state_of((*seen)[i].state);
    status.differences = (*seen)[i].differences;
    status.detail = advice(status.state);
  }
}

entry_status of_orphan(const written_entry& entry) {
  entry_status status;
  status.server = entry.server;
  status.program = entry.program;
  status.file = entry.where.active_file();
  status.at = entry.at;
  status.state = entry_state::not_wanted;
  status.detail = "it is still to be taken away; see the daemon's log";
  return status;
}

}  // namespace

std::string_view to_string(entry_state state) {
  switch (state) {
    case entry_state::in_place: return "in place";
    case entry_state::missing: return "missing";
    case entry_state::outdated: return "outdated";
    case entry_state::changed_by_hand: return "changed by hand";
    case entry_state::unreadable: return "file unreadable";
    case entry_state::not_wanted: return "not wanted";
  }
  return {};
}

std::vector<item> make_items(const std::vector<wish>& wishes, const surroundings& around,
                             const ledger& written) {
  const auto installed = installed_version(around.path, around.all.home);
  std::vector<item> items;
  for (const wish& each : wishes) {
    item one{each, !wants_nothing(each) && !written.withheld().contains(each.server), {}, {}};
    if (!wants_nothing(each)) {
      auto to = resolve(each, around.ours, around.all, installed);
      if (to) {
        one.to = std::move(*to);
      } else {
        one.problem = to.error().message;
      }
    }
    items.push_back(std::move(one));
  }
  return items;
}

std::vector<written_entry> orphans(const std::vector<item>& items, const ledger& written) {
  std::vector<written_entry> all;
  std::copy_if(written.entries().begin(), written.entries().end(), std::back_inserter(all),
               [&items](const written_entry& entry) {
                 return std::none_of(items.begin(), items.end(),
                                     [&entry](const item& one) { return belongs_to(entry, one); });
               });
  return all;
}

std::vector<std::string> files_of(const std::vector<item>& items) {
  std::vector<std::string> files;
  for (const item& one : items) {
    if (!one.wanted) continue;
    const std::string project = project_of(one.what);
    if (!one.to && !project.empty()) files.push_back(project + "/.mcp.json");
    if (!one.to) continue;
    files.push_back(one.to->where.file);
    if (!one.to->where.older_file.empty()) files.push_back(one.to->where.older_file);
  }
  return files;
}

std::vector<entry_status> look_up(const std::vector<item>& items, const ledger& written) {
  std::vector<entry_status> all;
  all.reserve(items.size() + written.entries().size());  // the questions point into it
  std::map<std::string, question> questions;
  for (const item& one : items) {
    all.push_back(begin(one));
    if (!one.wanted || !one.to) continue;
    question& file = questions[one.to->where.file];
    file.where = one.to->where;
    file.entries.push_back({one.to->at, one.to->text, written.texts(one.to->where.file, one.to->at), false});
    file.answers.push_back(&all.back());
  }
  for (const auto& [file, asked] : questions) answer(asked);
  for (const written_entry& entry : orphans(items, written)) all.push_back(of_orphan(entry));
  return all;
}

void note_hidden(std::vector<entry_status>& all) {
  std::map<std::string, std::map<std::string, std::vector<std::string>>> by_file;
  for (entry_status& each : all) {
    if (each.program != "claude" || each.scope != "user" || each.state != entry_state::in_place) continue;
    auto [place, fresh] = by_file.try_emplace(each.file);
    if (fresh) {
      const auto file = read_config(each.file);
      if (file) place->second = local_entries(file->text);
    }
    std::string projects;
    for (const std::string& project : place->second[each.server])
      projects += (projects.empty() ? "" : ", ") + project;
    if (projects.empty()) continue;
    each.detail = "in " + projects +
                  " an entry of the local scope is used instead; there, `claude mcp remove -s local " +
                  each.server + "` ends that";
  }
}

}  // namespace workspaced::claude
