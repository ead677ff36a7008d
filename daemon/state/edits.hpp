// What was changed over the API since the configuration was read: it holds until the next reload, and a
// daemon that takes over from one that died, or becomes another program, goes on with it.
#pragma once

#include <boost/system/error_code.hpp>

#include <map>
#include <set>
#include <string>

namespace workspaced::state {

struct edits {
  std::map<std::string, std::string> added;  ///< services by name; TOML with the keys of [services.NAME]
  std::set<std::string> removed;             ///< services of the configuration's files

  [[nodiscard]] bool empty() const { return added.empty() && removed.empty(); }
  bool operator==(const edits&) const = default;
};

/// Those of the same `epoch` (os::machine_epoch); none when there is no such file or it says nothing.
[[nodiscard]] edits load_edits(const std::string& file, const std::string& epoch);

/// Without edits the file is removed.
[[nodiscard]] boost::system::error_code save_edits(const std::string& file, const std::string& epoch,
                                                   const edits& all);

}  // namespace workspaced::state
