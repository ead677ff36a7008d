// The bearer tokens of the TCP listener: made once, kept in <state_dir>/tokens, readable by their owner only.
#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace workspaced::app {

struct tokens {
  tokens(std::string for_reading, std::string for_everything)
      : read(std::move(for_reading)), admin(std::move(for_everything)) {}

  std::string read;
  std::string admin;
};

/// Reads <state_dir>/tokens/{read,admin}, making those that are missing (43 characters, 256 bits, base64url).
/// Fails with a sentence when the directory cannot be used or a token file is empty or readable by others.
[[nodiscard]] boost::system::result<tokens, std::string> load_tokens(const std::string& state_dir);

}  // namespace workspaced::app
