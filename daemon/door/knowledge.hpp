// What is known of a server: enough to answer what a client asks first while the server is away. Pure.
#pragma once

#include "mcp/message.hpp"
#include "mcp/protocol.hpp"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace workspaced::door {

/// The lists that are kept. `member` is their name in a result.
struct list_kind {
  std::string_view method;
  std::string_view member;
  std::string_view capability;
  std::string_view changed;  ///< the notification; templates change with the resources
  std::string_view filter;   ///< its name in the filter of subscriptions/listen
};

inline constexpr std::array<list_kind, 4> list_kinds = {{
    {"tools/list", "tools", "tools", "notifications/tools/list_changed", "toolsListChanged"},
    {"prompts/list", "prompts", "prompts", "notifications/prompts/list_changed", "promptsListChanged"},
    {"resources/list", "resources", "resources", "notifications/resources/list_changed",
     "resourcesListChanged"},
    {"resources/templates/list", "resourceTemplates", "resources", "notifications/resources/list_changed",
     "resourcesListChanged"},
}};

[[nodiscard]] const list_kind* find_list(std::string_view method);

/// JSON texts as the server gave them.
struct identity {
  std::string version;       ///< of the legacy protocol that it agreed to; empty: it has no sessions
  bool modern = false;       ///< it answers server/discover
  std::string server_info;   ///< an object; empty: unknown
  std::string capabilities;  ///< an object
  std::string instructions;  ///< a string literal; empty: none

  bool operator==(const identity&) const = default;
};

class knowledge {
 public:
  /// The server has answered a handshake, now or in an earlier life of ours.
  [[nodiscard]] bool known() const { return who_.has_value(); }
  [[nodiscard]] const std::optional<identity>& who() const { return who_; }
  /// "fleet-mcp 0.2.0"; empty when unknown.
  [[nodiscard]] std::string title() const;
  [[nodiscard]] std::size_t tools() const { return tool_count_; }
  /// An unknown server may have every capability.
  [[nodiscard]] bool has_capability(std::string_view name) const;
  /// The server announces changes of one of its lists.
  [[nodiscard]] bool announces() const;
  /// The tool is declared read-only or idempotent: calling it twice does no harm.
  [[nodiscard]] bool repeatable(const std::string& tool) const { return repeatable_.contains(tool); }
  /// The items of a list, a JSON array; empty when it is not known.
  [[nodiscard]] std::string_view items(std::string_view method) const;

  /// True when that is news.
  bool learn(identity who);
  /// `items`: a JSON array. True when that is news.
  bool learn(std::string_view method, std::string items);

  /// Results for a client, JSON texts. `name` stands in for a server that is not known.
  [[nodiscard]] std::string initialize_result(std::string_view requested_version,
                                              const std::string& name) const;
  [[nodiscard]] std::string discover_result(const std::string& name) const;
  [[nodiscard]] std::string list_result(const list_kind& kind, mcp::era client) const;

  /// For the state directory.
  [[nodiscard]] std::string to_json() const;
  /// Nothing when the text is not one of ours.
  [[nodiscard]] static std::optional<knowledge> from_json(std::string_view text);

 private:
  [[nodiscard]] std::string capabilities_for_clients() const;

  std::optional<identity> who_;
  std::map<std::string, std::string, std::less<>> lists_;
  std::set<std::string, std::less<>> repeatable_;
  std::size_t tool_count_ = 0;
};

/// The identity in the result of `initialize`, or of `server/discover`; nothing when it is none.
[[nodiscard]] std::optional<identity> identity_of_initialize(std::string_view result);
[[nodiscard]] std::optional<identity> identity_of_discover(std::string_view result);

}  // namespace workspaced::door
