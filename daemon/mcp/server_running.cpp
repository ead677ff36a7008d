#include "mcp/server_running.hpp"

#include "mcp/protocol.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>

#include <exception>
#include <utility>

namespace workspaced::mcp {

namespace asio = boost::asio;

namespace {

rpc_error broken(const std::exception_ptr& problem) {
  try {
    std::rethrow_exception(problem);
  } catch (const std::exception& error) {
    return {code::internal_error, "Internal error: " + printable(error.what())};
  }
}

}  // namespace

running::running(incoming what, call::client who, std::shared_ptr<outlet> to, handler run, finisher finish)
    : call_(std::move(what), std::move(who), to),
      to_(std::move(to)),
      run_(std::move(run)),
      finish_(std::move(finish)) {}

void running::start(const asio::any_io_executor& executor) {
  executor_ = executor;
  // A legacy client that leaves has not taken its request back (2025-11-25, Transports); a modern one has.
  if (call_.era() == era::modern) {
    to_->when_left = [self = weak_from_this()] {
      if (const auto call = self.lock()) call->cancel();
    };
  }
  const auto ended = [self = shared_from_this()](const std::exception_ptr& problem) {
    if (!problem) return;
    const reply end = self->finish_(broken(problem));
    self->to_->finish(end.text, end.status);
  };
  asio::co_spawn(executor, work(), asio::bind_cancellation_slot(stop_.slot(), ended));
}

void running::cancel() {
  cancelled_ = true;
  to_->end();
  asio::dispatch(executor_, [self = shared_from_this()] { self->stop_.emit(asio::cancellation_type::all); });
}

asio::awaitable<void> running::work() {
  const outcome got = co_await run_(call_);
  if (cancelled_) co_return;
  const reply end = finish_(got);
  to_->finish(end.text, end.status);
}

}  // namespace workspaced::mcp
