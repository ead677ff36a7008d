// Sessions of legacy clients. A session belongs to the door, not to the server: it goes on when the server is
// restarted, and stands for a session with the server that is opened anew.
#pragma once

#include "door/conduit.hpp"
#include "door/server.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::door {

class call;

struct session {
  std::string id;
  std::string version;                               ///< that the client was answered
  std::shared_ptr<link> server;                      ///< with the client's own hello
  std::string log_level;                             ///< params of the last logging/setLevel; empty: none
  std::map<std::string, std::string> subscriptions;  ///< by uri: params of resources/subscribe
  std::uint64_t prepared_run = 0;  ///< in which the server was told of level and subscriptions
  std::map<std::string, std::weak_ptr<call>, std::less<>> calls;  ///< by the id of the request
  std::chrono::steady_clock::time_point used;
};

class sessions {
 public:
  explicit sessions(std::size_t most) : most_(most) {}

  /// A new one, under an id that nobody can guess. When there are too many the one that was used longest ago
  /// goes.
  std::shared_ptr<session> open(std::string hello, std::string version);
  /// Null: unknown, or ended.
  [[nodiscard]] std::shared_ptr<session> find(std::string_view id);
  void end(const std::string& id) { all_.erase(id); }

  [[nodiscard]] std::size_t size() const { return all_.size(); }

 private:
  std::size_t most_;
  std::map<std::string, std::shared_ptr<session>, std::less<>> all_;
};

}  // namespace workspaced::door
