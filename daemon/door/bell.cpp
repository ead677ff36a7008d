#include "door/bell.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace workspaced::door {

namespace asio = boost::asio;

asio::awaitable<void> bell::wait(time_point deadline) {
  asio::steady_timer timer(executor_, deadline);
  const auto place = waiting_.insert(waiting_.end(), &timer);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  waiting_.erase(place);
}

void bell::ring() {
  for (asio::steady_timer* timer : waiting_) timer->cancel();
}

asio::awaitable<bool> is_cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace workspaced::door
