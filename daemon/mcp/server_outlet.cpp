#include "mcp/server_outlet.hpp"

#include "mcp/event_text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace workspaced::mcp {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

/// The client's end. It goes with the request or the stream that it belongs to, for whatever reason.
class outlet::presence {
 public:
  explicit presence(std::shared_ptr<outlet> of) : of_(std::move(of)) {}
  presence(const presence&) = delete;
  presence& operator=(const presence&) = delete;
  ~presence() { of_->leave(); }

  [[nodiscard]] outlet& operator*() const { return *of_; }

 private:
  std::shared_ptr<outlet> of_;
};

class outlet::reader : public http::stream {
 public:
  explicit reader(std::unique_ptr<presence> client) : client_(std::move(client)) {}
  asio::awaitable<std::optional<std::string>> next() override { return (**client_).next(); }

 private:
  std::unique_ptr<presence> client_;
};

class outlet::waiting : public http::deferred {
 public:
  waiting(std::unique_ptr<presence> client, std::chrono::milliseconds patience)
      : client_(std::move(client)), patience_(patience) {}

  asio::awaitable<http::response> answer() override {
    outlet& from = **client_;
    const auto deadline = clock::now() + patience_;
    while (!from.has_something() && clock::now() < deadline) {
      co_await from.wait(deadline);
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return http::response();
    }
    co_return from.respond(std::move(client_));
  }

 private:
  std::unique_ptr<presence> client_;
  std::chrono::milliseconds patience_;
};

void outlet::post(const std::string& message) {
  if (ended_ || left_ || events_.size() >= most_waiting) return;
  std::string event = event_text(message);
  if (!events_.empty() && events_.back() == event) return;
  events_.push_back(std::move(event));
  bell_.cancel();
}

void outlet::finish(const std::string& message, int status) {
  if (ended_) return;
  ended_ = true;
  if (streaming_ || !events_.empty()) {
    events_.push_back(event_text(message));
  } else {
    alone_ = http::response::json(message, status);
  }
  bell_.cancel();
}

void outlet::end() {
  ended_ = true;
  bell_.cancel();
}

http::response outlet::answer(std::shared_ptr<outlet> self, std::chrono::milliseconds patience) {
  auto client = std::make_unique<presence>(self);
  if (self->has_something() || patience.count() == 0) return self->respond(std::move(client));
  return http::response::after(std::make_unique<waiting>(std::move(client), patience));
}

http::response outlet::respond(std::unique_ptr<presence> client) {
  if (alone_) return std::move(*alone_);
  streaming_ = true;
  auto out = http::response::streamed("text/event-stream", std::make_unique<reader>(std::move(client)));
  out.headers.emplace_back("Cache-Control", "no-store");
  out.headers.emplace_back("X-Accel-Buffering", "no");
  return out;
}

asio::awaitable<std::optional<std::string>> outlet::next() {
  const auto deadline = clock::now() + pause_;
  while (events_.empty()) {
    if (ended_) co_return std::nullopt;
    co_await wait(deadline);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return std::nullopt;
    if (events_.empty() && clock::now() >= deadline) co_return std::string(keep_alive);
  }
  std::string event = std::move(events_.front());
  events_.pop_front();
  co_return event;
}

asio::awaitable<void> outlet::wait(clock::time_point deadline) {
  bell_.expires_at(deadline);
  co_await bell_.async_wait(asio::as_tuple(asio::use_awaitable));
}

void outlet::leave() {
  left_ = true;
  if (!ended_ && when_left) std::exchange(when_left, {})();
}

}  // namespace workspaced::mcp
