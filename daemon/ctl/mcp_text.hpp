// The document of GET /v1/mcp as values and as text for people.
#pragma once

#include "ctl/render.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::ctl {

struct registration {
  struct difference {
    std::string member;
    std::string wanted;  ///< JSON texts; empty: not there
    std::string found;
  };

  std::string server;
  std::string program;
  std::string scope;
  std::string file;
  std::string at;  ///< "mcpServers.fleet"
  std::string state;
  bool fine = false;
  std::string detail;
  std::vector<difference> differences;
};

/// Nothing if it is no such document.
[[nodiscard]] std::optional<std::vector<registration>> read_registrations(std::string_view document);

/// A line for each entry, and below it what is not as it should be.
[[nodiscard]] std::string registrations_text(const std::vector<registration>& all, const style& how);

/// The body of a sync or a removal: {"names":["a"],"force":true}; empty when it says nothing.
[[nodiscard]] std::string order_body(const std::vector<std::string>& names, bool force);

}  // namespace workspaced::ctl
