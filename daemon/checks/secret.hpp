// A secret from where the configuration says that it is.
#pragma once

#include "core/model.hpp"
#include "os/process_table.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <string>

namespace workspaced::checks {

struct secret_problem {
  secret_problem() = default;
  secret_problem(const std::string& what, const std::string& cause) : text(what + ": " + cause) {}

  std::string text;  ///< without the secret
};

/// Reads it anew; empty when there is none. A command gets `environment` and ten seconds. What cannot be sent
/// in a header is a problem.
[[nodiscard]] boost::asio::awaitable<boost::system::result<std::string, secret_problem>> read_secret(
    boost::asio::any_io_executor executor, os::process_table& processes, core::secret_source where,
    core::environment_map environment);

/// What a file holds: its first line, or the string at a JSON Pointer (RFC 6901).
[[nodiscard]] boost::system::result<std::string, secret_problem> secret_in(const core::secret_file& where);

}  // namespace workspaced::checks

namespace boost::system {
[[noreturn]] void throw_exception_from_error(const workspaced::checks::secret_problem& error,
                                             const source_location&);
}  // namespace boost::system
