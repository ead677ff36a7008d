// "Since my last look": a position that a client hands back. It is good as long as this daemon runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace workspaced::agent {

class cursors {
 public:
  cursors();

  [[nodiscard]] std::string make(std::uint64_t position) const;
  /// Nothing for what another daemon, or nobody, has made.
  [[nodiscard]] std::optional<std::uint64_t> read(std::string_view text) const;

 private:
  std::string tag_;  // positions of logs and events begin anew with each daemon
};

}  // namespace workspaced::agent
