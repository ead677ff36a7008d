#include "agent/journal.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <utility>

namespace workspaced::agent {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> take_notes(std::shared_ptr<journal*> into, std::unique_ptr<api::event_source> source,
                                 api::clock now) {
  for (;;) {
    const auto event = co_await source->next();
    if (!event || *into == nullptr) co_return;
    const core::service_view& service = event->service;
    (*into)->note({0, now(), service.name, event->previous, service.state, service.reason, service.run});
  }
}

}  // namespace

journal::~journal() {
  if (!self_) return;
  *self_ = nullptr;
  // Outside of the loop, emit() only posts a pointer into the signal: by then the signal has to be alive.
  asio::dispatch(executor_, [signal = stop_] { signal->emit(asio::cancellation_type::all); });
}

void journal::follow(const asio::any_io_executor& executor, std::unique_ptr<api::event_source> source,
                     api::clock now) {
  executor_ = executor;
  self_ = std::make_shared<journal*>(this);
  stop_ = std::make_shared<asio::cancellation_signal>();
  auto work = take_notes(self_, std::move(source), std::move(now));
  // The signal has to outlive what it cancels: the handler owns it.
  asio::co_spawn(executor, std::move(work),
                 asio::bind_cancellation_slot(stop_->slot(), [signal = stop_](const std::exception_ptr&) {}));
}

void journal::note(change what) {
  what.number = ++latest_;
  changes_.push_back(std::move(what));
  if (changes_.size() > most) changes_.pop_front();
}

}  // namespace workspaced::agent
