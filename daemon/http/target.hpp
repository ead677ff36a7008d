// The request target: what stands between the method and the version. Pure.
#pragma once

#include "http/message.hpp"

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace workspaced::http {

struct target_parts {
  std::string path;
  header_list query;
  std::string
      authority;  ///< of the absolute form, "http://localhost:9001/x"; it overrides Host (RFC 9112 3.2.2)
};

struct target_error {
  std::string detail;
};

/// Decodes path and query, each escape once. Refuses what no honest client sends: segments "." and ".." (also
/// when escaped), an escaped slash, control characters and NUL, bad escapes, what is not UTF-8. "*" gives the
/// path "*".
[[nodiscard]] boost::system::result<target_parts, target_error> parse_target(std::string_view target);

}  // namespace workspaced::http

namespace boost::system {
[[noreturn]] inline void throw_exception_from_error(const workspaced::http::target_error& error,
                                                    const source_location&) {
  throw std::logic_error(error.detail);
}
}  // namespace boost::system
