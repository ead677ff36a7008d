// Runs probe attempts, at most one per service and kind, and counts how they went.
#pragma once

#include "checks/probe.hpp"
#include "core/fleet.hpp"
#include "core/snapshot.hpp"
#include "os/process_table.hpp"
#include "supervisor/child_setup.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace workspaced::supervisor {

class probe_runner {
 public:
  using answer_handler = std::function<void(const std::string& service, core::probe_answered answer)>;

  probe_runner(boost::asio::io_context& loop, os::process_table& processes, answer_handler answered);

  /// How a service that speaks MCP over stdio is asked.
  std::function<boost::asio::awaitable<checks::probe_result>(std::string service)> ask_stdio;

  /// One attempt for the service's run; the handler is called once, unless it is cancelled before.
  void start(const core::service_spec& spec, child_setup setup, core::run_probe what);

  /// Ends the attempts of the service; their answers are dropped.
  void cancel(const std::string& service);

  [[nodiscard]] std::vector<core::probe_statistics> statistics() const;
  /// Drops the figures of services that are no more.
  void forget_except(const core::fleet& known);

 private:
  using key = std::pair<std::string, core::probe_kind>;
  struct attempt {
    std::uint64_t number = 0;
    std::shared_ptr<boost::asio::cancellation_signal> stop;
  };

  void finished(const key& which, std::uint64_t number, core::run_id run, const checks::probe_result& result);
  void count(const key& which, const checks::probe_result& result);

  boost::asio::io_context& loop_;
  os::process_table& processes_;
  answer_handler answered_;
  std::map<key, attempt> attempts_;
  std::map<key, core::probe_statistics> statistics_;
  std::uint64_t last_number_ = 0;
};

}  // namespace workspaced::supervisor
