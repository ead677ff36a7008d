// The tools of the servers behind the doors, as our own server passes them on: NAME__TOOL.
#pragma once

#include "agent/other_tools.hpp"
#include "door/doors.hpp"

namespace workspaced::app {

class door_tools : public agent::other_tools {
 public:
  /// `all` outlives this, and tells it of changes.
  explicit door_tools(door::doors& all);

  [[nodiscard]] std::vector<entry> list() const override;
  boost::asio::awaitable<mcp::outcome> call(std::string name, std::string arguments) override;

 private:
  door::doors& all_;
};

}  // namespace workspaced::app
