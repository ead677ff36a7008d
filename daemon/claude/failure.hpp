// Why something in this room did not work, as a sentence for the log: no secrets in it.
#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <system_error>

namespace workspaced::claude {

struct failure {
  failure() = default;
  failure(const std::string& attempt, const std::string& cause)
      : message("cannot " + attempt + ": " + cause) {}
  failure(const std::string& attempt, int error) : failure(attempt, std::generic_category().message(error)) {}

  std::string message;  ///< "cannot open /home/coder/.claude.json: Permission denied"
};

template <class T>
using result = boost::system::result<T, failure>;

}  // namespace workspaced::claude
