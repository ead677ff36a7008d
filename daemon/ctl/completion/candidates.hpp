// What may stand at the end of a command line that is being typed: read off the table of verbs.
#pragma once

#include "ctl/verbs.hpp"

#include <functional>
#include <string>
#include <vector>

namespace workspaced::ctl::completion {

struct candidate {
  std::string word;
  std::string about;  ///< may be empty

  bool operator==(const candidate&) const = default;
};

struct candidates {
  bool files = false;  ///< the shell knows them better
  std::vector<candidate> words;
};

/// What the daemon knows by name.
enum class named { services, doors };
using directory = std::function<std::vector<candidate>(named)>;

/// `words` is the line without the program's name; the last is the one that is being typed, and may be empty.
/// The directory is asked only when names may stand there.
[[nodiscard]] candidates complete(const std::vector<std::string>& words, const directory& names);

}  // namespace workspaced::ctl::completion
