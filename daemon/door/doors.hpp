// All front doors: one for each [mcp.NAME], at /mcp/NAME.
#pragma once

#include "checks/probe.hpp"
#include "core/model.hpp"
#include "core/snapshot.hpp"
#include "door/door.hpp"
#include "door/stdio_upstream.hpp"
#include "http/router.hpp"
#include "os/process_table.hpp"
#include "os/unique_fd.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace workspaced::door {

class doors {
 public:
  struct settings {
    std::string directory;              ///< of what is known of the servers; absolute
    core::environment_map environment;  ///< of commands that print tokens
    std::function<void(const std::string& text)> report;
  };

  doors(boost::asio::any_io_executor executor, os::process_table& processes, settings all);
  doors(const doors&) = delete;
  doors& operator=(const doors&) = delete;
  ~doors();

  /// The first configuration, or the next one: a door whose settings are the same stays as it is.
  void configure(const std::map<std::string, core::mcp_spec>& servers);

  /// A service has changed its state; `run` is its present run.
  void service_is(const std::string& service, core::status state, std::uint64_t run);
  /// A run of a service that speaks over stdio has begun, and ended.
  void attach(const std::string& service, std::uint64_t run, os::unique_fd to, os::unique_fd from);
  void detach(const std::string& service);
  /// Whether a server over stdio answers.
  [[nodiscard]] boost::asio::awaitable<checks::probe_result> probe(std::string service);

  /// Before the end: streams to clients end in order, calls that wait are answered.
  void close();

  [[nodiscard]] std::vector<http::route> routes();
  [[nodiscard]] std::vector<core::door_view> views() const;
  [[nodiscard]] std::shared_ptr<door> find(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> names() const;

  /// Told when a door has come or gone, or the tools of a server are others.
  std::function<void()> when_tools_changed;

 private:
  struct entry {
    core::mcp_spec spec;
    std::shared_ptr<door> at;
    stdio_upstream* stdio = nullptr;  ///< of `at`
  };
  struct service_state {
    core::status state = core::status::stopped;
    std::uint64_t run = 0;
  };

  [[nodiscard]] entry make(const core::mcp_spec& spec);
  void tell(entry& which);

  boost::asio::any_io_executor executor_;
  os::process_table& processes_;
  settings settings_;
  std::map<std::string, entry> all_;
  std::map<std::string, service_state> services_;
};

}  // namespace workspaced::door
