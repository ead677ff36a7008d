// What a server's entry in Claude Code's configuration looks like, as a pure edit of the file's text:
//
//   "mcpServers": { "fleet-mcp": { "type": "http", "url": "…", "headers": { "Authorization": "Bearer …" } } }
//
// In an entry that has a url already, three things are ours: type, url and the header Authorization. All
// others
// ("alwaysLoad", "timeout", further headers) belong to the user and stay. An entry of another kind under our
// name, such as one with a "command", is replaced as a whole.
#pragma once

#include "json/scan.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace workspaced::claude {

struct set_server {
  std::string name;
  std::string url;
  std::string
      bearer_token;  ///< empty: no Authorization header, and one that is there goes. A secret: never log it
};

struct remove_server {
  std::string name;
};

using change = std::variant<set_server, remove_server>;

/// `text` with all changes made, in their order; the same text if all of them hold already.
/// Fails if `text` is not a JSON object, or has something other than an object where ours must go.
json::result<std::string> apply_changes(std::string_view text, const std::vector<change>& changes);

}  // namespace workspaced::claude
