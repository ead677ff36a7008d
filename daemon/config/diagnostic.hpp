// What is wrong in a configuration, and where.
#pragma once

#include <string>
#include <vector>

namespace workspaced::config {

struct position {
  std::string file;
  unsigned line = 0;  ///< from 1; 0: the file as a whole
  unsigned column = 0;
};

struct diagnostic {
  position where;
  std::string key_path;  ///< "services.web.ready.http"; may be empty
  std::string message;   ///< never shows the value of a secret
  std::string hint;      ///< "did you mean command?"; may be empty
};

/// "file:line:column: key.path: message; hint".
[[nodiscard]] std::string to_string(const diagnostic& what);

}  // namespace workspaced::config
