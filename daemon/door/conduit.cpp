#include "door/conduit.hpp"

#include "mcp/event_text.hpp"

#include <stdexcept>
#include <utility>

namespace workspaced::door {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

namespace {

/// Events that a client has not fetched; one that lets so many pile up gets no more.
constexpr std::size_t most_posted = 256;
constexpr std::size_t longest_collected = 16U << 20U;

}  // namespace

class conduit::reader : public http::stream {
 public:
  explicit reader(std::shared_ptr<conduit> from) : from_(std::move(from)) {}
  ~reader() override { from_->leave(); }

  asio::awaitable<std::optional<std::string>> next() override { return from_->next(); }

 private:
  std::shared_ptr<conduit> from_;
};

void conduit::give(http::response whole) {
  if (stage_ != stage::undecided) return;
  head_ = std::make_unique<http::response>(std::move(whole));
  stage_ = stage::whole;
  reader_.ring();
}

void conduit::open(std::string content_type, http::header_list headers, bool events) {
  if (stage_ != stage::undecided) return;
  head_ = std::make_unique<http::response>();
  head_->content_type = std::move(content_type);
  head_->headers = std::move(headers);
  events_ = events;
  if (events) {
    head_->headers.emplace_back("Cache-Control", "no-store");
    head_->headers.emplace_back("X-Accel-Buffering", "no");
  }
  stage_ = stage::streaming;
  reader_.ring();
}

asio::awaitable<bool> conduit::put(std::string piece, bool whole) {
  bool cancelled = false;
  while (piece_ && !left_ && !cancelled) {
    co_await writer_.wait();
    cancelled = co_await is_cancelled();
  }
  if (left_ || cancelled) co_return false;
  piece_ = std::move(piece);
  within_event_ = !whole;
  reader_.ring();
  co_return true;
}

void conduit::post(std::string event) {
  if (stage_ != stage::streaming || posted_.size() >= most_posted) return;
  if (!posted_.empty() && posted_.back() == event) return;
  posted_.push_back(std::move(event));
  reader_.ring();
}

void conduit::finish() {
  if (stage_ == stage::streaming) stage_ = stage::finished;
  reader_.ring();
}

void conduit::break_off() {
  stage_ = stage::broken;
  reader_.ring();
}

asio::awaitable<http::response> conduit::answer(std::shared_ptr<conduit> self,
                                                std::chrono::milliseconds patience) {
  auto presence = std::make_unique<reader>(self);  // whoever goes, for whatever reason, has left
  const auto deadline = clock::now() + patience;
  bool left = false;
  while (self->stage_ == stage::undecided && !left) {
    co_await self->reader_.wait(deadline);
    left = co_await is_cancelled();
    if (clock::now() >= deadline) self->open_events();
  }
  if (left) co_return http::response();
  if (self->stage_ == stage::broken) throw std::runtime_error("a call was broken off");
  http::response out = std::move(*std::exchange(self->head_, nullptr));
  if (self->stage_ != stage::whole) out.stream = std::move(presence);
  co_return out;
}

asio::awaitable<std::optional<std::string>> conduit::next() {
  for (;;) {
    if (!posted_.empty() && !within_event_) {
      std::string event = std::move(posted_.front());
      posted_.erase(posted_.begin());
      co_return event;
    }
    if (piece_) {
      std::string piece = std::move(*piece_);
      piece_.reset();
      writer_.ring();
      co_return piece;
    }
    if (stage_ == stage::broken) throw std::runtime_error("the server broke its answer off");
    if (stage_ == stage::finished) co_return std::nullopt;
    const auto deadline =
        events_ && !within_event_ ? clock::now() + keep_alive_pause : clock::time_point::max();
    co_await reader_.wait(deadline);
    if (co_await is_cancelled()) co_return std::nullopt;
    if (clock::now() >= deadline) co_return std::string(mcp::keep_alive);
  }
}

asio::awaitable<std::optional<std::string>> conduit::collect(std::shared_ptr<conduit> self,
                                                             clock::time_point deadline) {
  const reader presence(self);
  std::optional<std::string> last;
  mcp::event_splitter splitter(longest_collected);
  for (;;) {
    if (co_await is_cancelled() || clock::now() >= deadline || self->stage_ == stage::broken)
      co_return std::nullopt;
    if (self->stage_ == stage::whole) co_return self->head_->body;
    if (!self->posted_.empty() || self->piece_) {
      const auto bytes = co_await self->next();
      if (!self->events_) co_return std::nullopt;  // too long for one piece
      for (const auto& event : splitter.feed(*bytes)) {
        if (auto data = event.data()) last = std::move(data);
      }
    } else if (self->stage_ == stage::finished) {
      co_return last;
    } else {
      co_await self->reader_.wait(deadline);
    }
  }
}

void conduit::leave() {
  left_ = true;
  writer_.ring();
  const bool early = stage_ == stage::undecided || stage_ == stage::streaming;
  if (early && when_left) std::exchange(when_left, {})();
}

}  // namespace workspaced::door
