#include "api/event_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>
#include <variant>

namespace workspaced::api {
namespace {

namespace asio = boost::asio;

std::string event_text(std::string_view type, const std::string& data) {
  std::string out = "event: ";
  out += type;
  out += "\ndata: ";
  out += data;
  out += "\n\n";
  return out;
}

}  // namespace

event_stream::event_stream(const control& daemon, std::unique_ptr<event_source> changes, clock now,
                           std::chrono::milliseconds quiet_for)
    : daemon_(daemon), changes_(std::move(changes)), now_(std::move(now)), quiet_for_(quiet_for) {}

asio::awaitable<std::optional<std::string>> event_stream::next() {
  using asio::experimental::awaitable_operators::operator||;
  if (phase_ == phase::over) co_return std::nullopt;
  if (phase_ == phase::snapshot) {
    phase_ = phase::changes;
    co_return event_text("snapshot", fleet_document(daemon_.view(), now_()));
  }
  asio::steady_timer quiet(co_await asio::this_coro::executor, quiet_for_);
  // When the time is up first, the source is cancelled and keeps its change for the next call
  // (`event_source::next`).
  auto first = co_await (changes_->next() || quiet.async_wait(asio::as_tuple(asio::use_awaitable)));
  if (first.index() == 1) co_return ": nothing new\n\n";
  const auto& change = std::get<0>(first);
  if (change) co_return event_text("service", event_document(*change, now_()));
  phase_ = phase::over;
  co_return event_text("shutdown", "{}");
}

}  // namespace workspaced::api
