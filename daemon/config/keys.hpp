// The one table of configuration keys: what exists, of what type, what it is for, and how it gets into the
// model. Parsing, the hints for unknown keys, the reference file's test and the documentation all come from
// it.
#pragma once

#include "config/field.hpp"
#include "core/model.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace workspaced::config {

struct key_description {
  std::string section;  ///< "services.NAME.backoff"; empty at the top
  std::string name;
  std::string type;     ///< "duration", "command", "always | on-failure | never"
  std::string purpose;  ///< one line
};

/// All keys, section by section.
[[nodiscard]] const std::vector<key_description>& key_table();

/// What a whole tree says, as far as it can be understood key by key. Errors go to `all.errors`. What must
/// hold between keys is `validate`'s.
[[nodiscard]] core::configuration read_configuration(reading& all, const node& root);

}  // namespace workspaced::config
