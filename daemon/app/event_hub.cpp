#include "app/event_hub.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <map>
#include <optional>
#include <utility>

namespace workspaced::app {

namespace asio = boost::asio;

/// What one listener has not fetched yet: for each service the state in which the listener last saw it.
struct event_hub::mailbox {
  explicit mailbox(asio::any_io_executor executor) : bell(executor, asio::steady_timer::time_point::max()) {}

  std::map<std::string, core::status> unseen;
  std::string last;  ///< told; the next one is behind it, so that no name waits for ever behind busier ones
  bool closed = false;
  asio::steady_timer bell;  ///< never expires; cancelled when there is mail
};

class event_hub::subscription : public api::event_source {
 public:
  subscription(std::shared_ptr<mailbox> box, supervisor::supervisor& services)
      : box_(std::move(box)), services_(services) {}

  asio::awaitable<std::optional<api::service_event>> next() override {
    while (box_->unseen.empty() && !box_->closed) {
      box_->bell.expires_at(asio::steady_timer::time_point::max());
      co_await box_->bell.async_wait(asio::as_tuple(asio::use_awaitable));
      const auto cancelled = co_await asio::this_coro::cancellation_state;
      if (cancelled.cancelled() != asio::cancellation_type::none) co_return std::nullopt;
    }
    if (box_->unseen.empty()) co_return std::nullopt;
    auto place = box_->unseen.upper_bound(box_->last);
    if (place == box_->unseen.end()) place = box_->unseen.begin();
    const auto [name, previous] = *place;
    box_->unseen.erase(place);
    box_->last = name;
    api::service_event event;
    event.previous = previous;
    if (services_.knows(name)) {
      event.service = services_.view(name);
    } else {
      event.service.name = name;
      event.service.reason = "removed from the configuration";
      event.service.required = event.service.autostart = false;  // nobody waits for it any more
    }
    co_return event;
  }

 private:
  std::shared_ptr<mailbox> box_;
  supervisor::supervisor& services_;
};

event_hub::event_hub(asio::any_io_executor executor, supervisor::supervisor& services)
    : executor_(std::move(executor)), services_(services) {
  services_.on_change([this](const std::string& name, const core::state_changed& what) {
    std::erase_if(mailboxes_, [&](const std::weak_ptr<mailbox>& entry) {
      const auto box = entry.lock();
      if (!box) return true;
      box->unseen.try_emplace(name, what.previous);
      box->bell.cancel();
      return false;
    });
  });
}

std::unique_ptr<api::event_source> event_hub::subscribe() {
  auto box = std::make_shared<mailbox>(executor_);
  mailboxes_.push_back(box);
  return std::make_unique<subscription>(std::move(box), services_);
}

void event_hub::close() {
  for (const auto& entry : mailboxes_) {
    if (const auto box = entry.lock()) {
      box->closed = true;
      box->bell.cancel();
    }
  }
}

}  // namespace workspaced::app
