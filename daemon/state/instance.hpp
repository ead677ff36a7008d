// The name by which the processes of one state directory are known, whichever daemon started them.
#pragma once

#include <boost/system/result.hpp>

#include <string>

namespace workspaced::state {

/// Reads <directory>/instance, or makes up a name and writes it there. Fails with a sentence.
[[nodiscard]] boost::system::result<std::string, std::string> instance_of(const std::string& directory);

}  // namespace workspaced::state
