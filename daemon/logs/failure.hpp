// Why something in this room did not work: what was tried, on what, and the system's answer.
#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <system_error>

namespace workspaced::logs {

struct failure {
  std::string attempt;  ///< "open /var/log/web.log"
  int error = 0;        ///< errno

  /// "cannot open /var/log/web.log: Permission denied"
  [[nodiscard]] std::string message() const {
    return "cannot " + attempt + ": " + std::generic_category().message(error);
  }
};

template <class T>
using result = boost::system::result<T, failure>;

}  // namespace workspaced::logs
