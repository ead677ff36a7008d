// The latest changes of services, for who was not there when they happened.
#pragma once

#include "api/control.hpp"
#include "api/event_stream.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

namespace workspaced::agent {

struct change {
  std::uint64_t number = 0;  ///< from 1, without gaps
  api::wall_time at;
  std::string service;
  core::status previous = core::status::stopped;
  core::status state = core::status::stopped;
  std::string reason;
  std::uint64_t run = 0;
};

class journal {
 public:
  static constexpr std::size_t most = 500;

  journal() = default;
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;
  /// Ends `follow`.
  ~journal();

  /// Notes what `source` tells, until it has no more.
  void follow(const boost::asio::any_io_executor& executor, std::unique_ptr<api::event_source> source,
              api::clock now);

  void note(change what);
  /// Oldest first.
  [[nodiscard]] const std::deque<change>& changes() const { return changes_; }
  /// Of the latest change; 0: there was none.
  [[nodiscard]] std::uint64_t latest() const { return latest_; }

 private:
  std::deque<change> changes_;
  std::uint64_t latest_ = 0;
  boost::asio::any_io_executor executor_;
  std::shared_ptr<boost::asio::cancellation_signal> stop_;
  std::shared_ptr<journal*> self_;  // null once the journal is gone: the follower may end later
};

}  // namespace workspaced::agent
