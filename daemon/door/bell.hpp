// Waiting for a change: what a condition variable is to threads, for coroutines on one loop.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <list>

namespace workspaced::door {

class bell {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit bell(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  bell(const bell&) = delete;
  bell& operator=(const bell&) = delete;

  /// Until somebody rings, `deadline` passes or the caller is cancelled. Whoever waits looks again which it
  /// was. The bell outlives the wait.
  [[nodiscard]] boost::asio::awaitable<void> wait(time_point deadline = time_point::max());

  void ring();

 private:
  boost::asio::any_io_executor executor_;
  std::list<boost::asio::steady_timer*> waiting_;
};

/// The calling coroutine was cancelled.
[[nodiscard]] boost::asio::awaitable<bool> is_cancelled();

}  // namespace workspaced::door
