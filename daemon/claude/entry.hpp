// How a program is told about a server of ours, as a pure edit of its file's text:
//
//   "mcpServers": { "fleet": { "type": "http", "url": "…", "headersHelper": "…", "alwaysLoad": true } }
//
// In an entry that has a url already, only what says where the server is and who we are is ours: the urls,
// the helper and the header Authorization; type and alwaysLoad where we wrote them. All else ("timeout",
// further headers) belongs to the user and stays. An entry of another kind under our name, such as one with a
// "command", is replaced as a whole.
#pragma once

#include "json/scan.hpp"

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace workspaced::claude {

/// The words that a program uses for the same thing.
struct entry_form {
  std::string_view servers;  ///< the object that the entries stand in
  std::string_view type;     ///< of a server that speaks HTTP; empty: the program wants no type
  std::string_view url;      ///< the key of the address
};

inline constexpr entry_form claude_form = {"mcpServers", "http", "url"};

/// A command line whose output is the headers to send: the file holds no secret.
struct helper {
  std::string command;
};
/// A header that stands in the file. A secret: never log it.
struct bearer {
  std::string token;
};
using credentials = std::variant<std::monostate, helper, bearer>;

/// The JSON text of an entry.
std::string make_entry(const entry_form& form, std::string_view url, const credentials& who,
                       bool always_load);

/// Is there a token in the entry?
bool holds_secret(std::string_view entry);

/// An entry as it should be. The texts may hold a secret: never log them.
struct set_entry {
  json::path at;                     ///< {"mcpServers", "fleet"}
  std::string text;                  ///< of make_entry
  std::vector<std::string> earlier;  ///< what we wrote there before, the last first; empty: nothing
  bool force = false;                ///< also where the user changed it
};

/// An entry that should be no more. One that the user changed is his, and stays without `force`.
struct remove_entry {
  json::path at;
  std::vector<std::string> earlier;
  bool force = false;
};

using change = std::variant<set_entry, remove_entry>;

enum class standing {
  in_place,
  missing,
  outdated,         ///< another text of ours, or an entry that we have never written
  changed_by_hand,  ///< neither what we want nor what we ever wrote
};

/// One member of ours that is not as we want it, as JSON texts with tokens left out; empty: not there.
struct difference {
  std::string member;  ///< "headers.Authorization"
  std::string wanted;
  std::string found;

  bool operator==(const difference&) const = default;
};

struct assessment {
  standing state = standing::missing;
  std::vector<difference> differences;  ///< unless in place or missing
};

/// How entries stand in a file of this text, one answer for each. Fails if `text` is not a JSON object.
json::result<std::vector<assessment>> assess(std::string_view text, const std::vector<set_entry>& wanted);

/// The projects that have an entry in their local scope, by the entry's name: there it wins over the user's.
std::map<std::string, std::vector<std::string>> local_entries(std::string_view text);

/// `text` with all changes made, in their order; the same text if all of them hold already. What the user
/// changed by hand is left alone. Fails if `text` is not a JSON object, or has something other than an object
/// where ours must go.
json::result<std::string> apply_changes(std::string_view text, const std::vector<change>& changes);

}  // namespace workspaced::claude
