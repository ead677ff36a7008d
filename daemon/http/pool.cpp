#include "http/pool.hpp"

#include "http/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <utility>

namespace workspaced::http {
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

failure cancelled() {
  return {boost::system::errc::make_error_code(boost::system::errc::operation_canceled), "cancelled"};
}

}  // namespace

class pool::state : public std::enable_shared_from_this<pool::state> {
 public:
  using link = std::shared_ptr<exchange::connection>;

  state(asio::any_io_executor executor, pool_options settings)
      : executor_(executor), settings_(std::move(settings)), sweep_(executor) {}

  /// Nothing when none is left that can be used again.
  link reuse() {
    while (!idle_.empty()) {
      const auto [connection, since] = std::move(idle_.back());
      idle_.pop_back();
      if (clock::now() - since < settings_.idle && connection->is_quiet()) return connection;
      connection->close();
    }
    return nullptr;
  }

  /// Counts a connection as in use until it is handed back or destroyed.
  void lend(const link& connection) {
    ++used_;
    connection->take_back = [weak = weak_from_this(), generation = generation_](link done) {
      if (const auto self = weak.lock()) self->settle(std::move(done), generation);
    };
  }

  /// Waits for one of the others to finish. False: cancelled.
  asio::awaitable<bool> wait_for_room() {
    while (used_ >= settings_.most) {
      const auto bell =
          std::make_shared<asio::steady_timer>(executor_, asio::steady_timer::time_point::max());
      waiting_.push_back(bell);
      co_await bell->async_wait(as_result);
      const auto left = co_await asio::this_coro::cancellation_state;
      if (left.cancelled() != asio::cancellation_type::none) co_return false;
    }
    co_return true;
  }

  void forget() {
    ++generation_;
    for (auto& [connection, since] : idle_) connection->close();
    idle_.clear();
  }

  [[nodiscard]] const pool_options& settings() const { return settings_; }
  [[nodiscard]] asio::any_io_executor executor() const { return executor_; }
  [[nodiscard]] std::size_t idle() const { return idle_.size(); }
  [[nodiscard]] std::size_t in_use() const { return used_; }

 private:
  void settle(link done, std::uint64_t generation) {
    --used_;
    done->limit(core::duration::zero());
    if (generation == generation_ && done->can_go_on()) {
      idle_.emplace_back(std::move(done), clock::now());
      arm();
    } else {
      done->close();
    }
    while (!waiting_.empty()) {
      const auto bell = waiting_.front().lock();
      waiting_.pop_front();
      if (!bell) continue;  // its owner has gone
      bell->cancel();
      break;
    }
  }

  /// One timer closes what nobody came back for.
  void arm() {
    if (std::exchange(armed_, true)) return;
    sweep_.expires_after(settings_.idle);
    sweep_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (error || !self) return;
      self->armed_ = false;
      const auto oldest = clock::now() - self->settings_.idle;
      while (!self->idle_.empty() && self->idle_.front().second <= oldest) {
        self->idle_.front().first->close();
        self->idle_.pop_front();
      }
      if (!self->idle_.empty()) self->arm();
    });
  }

  asio::any_io_executor executor_;
  pool_options settings_;
  asio::steady_timer sweep_;
  bool armed_ = false;
  std::uint64_t generation_ = 0;
  std::size_t used_ = 0;
  std::deque<std::pair<link, clock::time_point>> idle_;  // the last one used is the last one here
  std::deque<std::weak_ptr<asio::steady_timer>> waiting_;
};

pool::lease::lease(std::shared_ptr<exchange::connection> link, bool fresh)
    : link_(std::move(link)), fresh_(fresh) {}
pool::lease::lease(lease&&) noexcept = default;
pool::lease::~lease() { const exchange unused(std::move(link_)); }

asio::awaitable<client_result<exchange>> pool::lease::send(client_request what) {
  exchange made(link_);
  const auto link = std::move(link_);
  link->limit(what.timeout);
  std::string text = text_of(what, true);
  const bool head_only = what.verb == method::head;
  if (auto problem = co_await link->send(std::move(text), head_only)) co_return *problem;
  if (auto problem = co_await link->receive_head()) co_return *problem;
  co_return made;
}

pool::pool(asio::any_io_executor executor, pool_options settings)
    : state_(std::make_shared<state>(std::move(executor), std::move(settings))) {}

pool::~pool() { state_->forget(); }

asio::awaitable<client_result<pool::lease>> pool::take(core::duration timeout) {
  const auto all = state_;  // the pool may go while somebody waits
  if (!co_await all->wait_for_room()) co_return cancelled();
  if (auto used = all->reuse()) {
    all->lend(used);
    co_return lease(std::move(used), false);
  }
  auto made = std::make_shared<exchange::connection>(all->executor());
  all->lend(made);
  lease out(made, true);
  made->limit(timeout);
  if (auto problem = co_await made->connect(all->settings().where)) co_return *problem;
  co_return out;
}

void pool::forget() { state_->forget(); }
std::size_t pool::idle() const { return state_->idle(); }
std::size_t pool::in_use() const { return state_->in_use(); }

}  // namespace workspaced::http
