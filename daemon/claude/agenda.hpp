// What there is to do and how it stands: the wishes of the configuration, on this machine, beside what the
// ledger remembers.
#pragma once

#include "claude/ledger.hpp"
#include "claude/wish.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::claude {

struct surroundings {
  homes all;
  std::string path;  ///< $PATH, where `claude` is looked for
  door ours;
};

/// A wish and what it comes to at this moment.
struct item {
  wish what;
  bool wanted = true;             ///< by the configuration, and not withheld
  std::optional<destination> to;  ///< empty: not to be told, or there is no place for it
  std::string problem;            ///< why there is none
};

std::vector<item> make_items(const std::vector<wish>& wishes, const surroundings& around,
                             const ledger& written);

/// What we wrote and what nobody wants any more. An item that merely has no place now keeps what it had.
std::vector<written_entry> orphans(const std::vector<item>& items, const ledger& written);

/// The files to keep an eye on, also those that are not there yet.
std::vector<std::string> files_of(const std::vector<item>& items);

enum class entry_state { in_place, missing, outdated, changed_by_hand, unreadable, not_wanted };

/// "in place", "changed by hand"
std::string_view to_string(entry_state state);

struct entry_status {
  std::string server;
  std::string program;  ///< "claude", "cursor"
  std::string scope;    ///< "user"; empty for programs that know no scopes
  std::string file;     ///< empty when it has no place
  json::path at;
  entry_state state = entry_state::missing;
  std::string detail;  ///< why, and what to do; may be empty
  std::vector<difference> differences;
};

/// How all entries stand in their files, in the order of the items; then the orphans that are still there.
std::vector<entry_status> look_up(const std::vector<item>& items, const ledger& written);

/// Says of entries in Claude Code's user scope where others of their name win over them.
void note_hidden(std::vector<entry_status>& all);

}  // namespace workspaced::claude
