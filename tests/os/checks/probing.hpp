// Runs probes on a loop of its own, as the supervisor does.
#pragma once

#include "checks/probe.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace workspaced::checks::test {

using namespace std::chrono_literals;

class probing : public testing::Test {
 protected:
  /// Starts an attempt; `result_` has a value when it is over.
  void start(core::probe_target target, core::duration timeout = 5s) {
    probe_request what;
    what.target = std::move(target);
    what.timeout = timeout;
    what.environment = environment_;
    what.working_dir = working_dir_;
    result_.reset();
    auto attempt = run_probe(loop_.get_executor(), processes_, std::move(what));
    auto done = [this](std::exception_ptr failure, probe_result result) {
      EXPECT_FALSE(failure);
      result_ = std::move(result);
    };
    boost::asio::co_spawn(loop_, std::move(attempt),
                          boost::asio::bind_cancellation_slot(stop_.slot(), std::move(done)));
  }

  /// Runs the loop until `check` is true, at most for ten seconds.
  template <class Check>
  bool until(Check check) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!check()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      loop_.run_one_for(10ms);
      loop_.restart();
    }
    return true;
  }

  probe_result probe(core::probe_target target, core::duration timeout = 5s) {
    start(std::move(target), timeout);
    EXPECT_TRUE(until([this] { return result_.has_value(); }));
    return result_.value_or(probe_result{});
  }

  static std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
  }

  boost::asio::io_context loop_{1};
  os::process_table processes_{loop_};
  boost::asio::cancellation_signal stop_;
  std::optional<probe_result> result_;
  core::environment_map environment_ = {{"PATH", "/usr/bin:/bin"}};
  std::string working_dir_;
};

}  // namespace workspaced::checks::test
