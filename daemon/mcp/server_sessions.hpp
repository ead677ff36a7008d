// Sessions of legacy clients with our own server.
#pragma once

#include "mcp/server_call.hpp"
#include "mcp/server_outlet.hpp"
#include "mcp/server_running.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace workspaced::mcp {

struct server_session {
  std::string id;
  std::string capabilities = "{}";  ///< of the client
  log_level log_from = log_level::debug;
  std::set<std::string, std::less<>> subscriptions;                  ///< URIs of resources
  std::weak_ptr<outlet> stream;                                      ///< its GET; gone: there is none
  std::map<std::string, std::weak_ptr<running>, std::less<>> calls;  ///< by id, as JSON
  std::chrono::steady_clock::time_point used;

  /// The call with this id; null when it has ended.
  [[nodiscard]] std::shared_ptr<running> find_call(std::string_view call_id) const;
  void remember(const std::string& call_id, const std::shared_ptr<running>& begun);
};

class server_sessions {
 public:
  using duration = std::chrono::steady_clock::duration;
  using time_point = std::chrono::steady_clock::time_point;

  /// A session that is not used for `idle` and has no stream is over.
  server_sessions(std::size_t most, duration idle) : most_(most), idle_(idle) {}

  /// Under an id that nobody can guess. When there are too many, the one that was used longest ago goes.
  server_session& open(time_point now);
  /// Null: unknown, or over.
  [[nodiscard]] server_session* find(std::string_view id, time_point now);
  void end(std::string_view id);

  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] std::map<std::string, server_session, std::less<>>& all() { return all_; }

 private:
  [[nodiscard]] bool is_over(const server_session& which, time_point now) const;

  std::size_t most_;
  duration idle_;
  std::map<std::string, server_session, std::less<>> all_;
};

}  // namespace workspaced::mcp
