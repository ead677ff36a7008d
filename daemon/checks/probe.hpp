// One attempt of a probe: asks, and says what came back in words that `why` can show.
#pragma once

#include "core/model.hpp"
#include "os/process_table.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace workspaced::checks {

struct probe_result {
  bool ok = false;
  std::string
      answer;  ///< "200 OK", "503 Service Unavailable: starting", "connection refused", "exit code 2: no db"
  bool refused = false;  ///< nothing listens there yet: cheap to ask again soon
  core::duration took{};
};

struct probe_request {
  core::probe_target target;
  core::duration timeout = std::chrono::seconds(2);  ///< for the whole attempt
  std::string working_dir;                           ///< of an exec probe
  core::environment_map environment;                 ///< all that an exec probe gets
  os::process_settings settings;                     ///< of an exec probe
  /// Asks a server that speaks over stdio: whoever holds its pipes.
  std::function<boost::asio::awaitable<probe_result>()> ask_stdio;
};

/// Runs one attempt; ends by itself within the timeout. http: a 2xx status is a success, as soon as the
/// header has come; redirects are not followed. tcp: a connection is. exec: exit code 0 is; its process group
/// is killed when the attempt ends, however that comes about. mcp: a handshake and a list of tools are. For
/// co_spawn: honours every type of cancellation at once, and leaves no descriptor and no process behind; the
/// result is then of no meaning. `processes` has to live as long as the loop.
[[nodiscard]] boost::asio::awaitable<probe_result> run_probe(boost::asio::any_io_executor executor,
                                                             os::process_table& processes,
                                                             probe_request what);

}  // namespace workspaced::checks
