// What Claude Code and other programs are told about our MCP servers: the port that answers, and its routes.
#pragma once

#include "http/router.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace workspaced::api {

class control;

/// One member of an entry that is not as we want it, as JSON texts without tokens; empty: not there.
struct registration_difference {
  std::string member;
  std::string wanted;
  std::string found;
};

/// One server in one program's file.
struct registration_view {
  std::string server;
  std::string program;          ///< "claude", "cursor"
  std::string scope;            ///< "user", "local", "project"; empty where there are none
  std::string file;             ///< empty when it has no place
  std::vector<std::string> at;  ///< keys from the root of the file to the entry
  std::string state;            ///< "in place", "changed by hand"
  bool fine = false;            ///< as it should be: in place, or not wanted
  std::string detail;           ///< why, and what to do; may be empty
  std::vector<registration_difference> differences;
};

class registry {
 public:
  virtual ~registry() = default;

  /// How the entries stand in their files now.
  [[nodiscard]] virtual std::vector<registration_view> list() const = 0;

  /// Writes what is not in place; of `servers` (empty: all) also what `remove` took away, and with `force`
  /// what the user changed. Problems show in the list afterwards.
  virtual boost::asio::awaitable<void> sync(std::vector<std::string> servers, bool force) = 0;

  /// Takes entries away until the next `sync` of them; with `force` also those that the user changed.
  virtual boost::asio::awaitable<void> remove(std::vector<std::string> servers, bool force) = 0;

  /// What a client sends to be let in. Secret.
  [[nodiscard]] virtual http::header_list headers() const = 0;
};

/// GET /v1/mcp, and the answer of a sync or a removal.
[[nodiscard]] std::string registrations_document(const std::vector<registration_view>& all);

[[nodiscard]] std::vector<http::route> registration_routes(control& daemon);

}  // namespace workspaced::api
