// Runs the commands around a service's life: before its start, once it is ready, to stop it, after its end.
#pragma once

#include "checks/command.hpp"
#include "core/lifecycle.hpp"
#include "os/process_table.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace workspaced::supervisor {

class hook_runner {
 public:
  using end_handler = std::function<void(const std::string& service, core::hook_finished what)>;

  hook_runner(boost::asio::io_context& loop, os::process_table& processes, end_handler ended);

  /// The handler is called once, from the loop.
  void start(const std::string& service, core::run_hook what, checks::command command);

  /// Ends those of the run; the handler is called for each.
  void cancel(const std::string& service, core::run_id run);

 private:
  struct key {
    std::string service;
    core::run_id run;
    core::hook_kind kind = core::hook_kind::before_start;
    bool operator<(const key& other) const {
      return std::tie(service, run.value, kind) < std::tie(other.service, other.run.value, other.kind);
    }
  };

  void finished(const key& which, const checks::command_end& how);

  boost::asio::io_context& loop_;
  os::process_table& processes_;
  end_handler ended_;
  std::map<key, std::shared_ptr<boost::asio::cancellation_signal>> running_;
};

}  // namespace workspaced::supervisor
