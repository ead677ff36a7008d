// Tools of other servers, which ours passes on under names of their own.
#pragma once

#include "mcp/server_call.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace workspaced::agent {

class other_tools {
 public:
  virtual ~other_tools() = default;

  struct entry {
    std::string name;        ///< under which it is offered: "fleet__deploy"
    std::string definition;  ///< its JSON object in tools/list, with that name
  };
  [[nodiscard]] virtual std::vector<entry> list() const = 0;

  /// Calls one. `arguments`: a JSON object, which the server behind looks at. Cancelled when the client takes
  /// its request back.
  virtual boost::asio::awaitable<mcp::outcome> call(std::string name, std::string arguments) = 0;

  /// Whoever implements this calls it when the list is another than before.
  std::function<void()> when_changed;
};

}  // namespace workspaced::agent
