#include "http/session.hpp"

#include "http/target.hpp"
#include "http/wire.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>

namespace workspaced::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// What a client may send ahead while a stream runs to it.
constexpr std::size_t most_ahead = 16 * 1024;

}  // namespace

session::session(socket_type socket, peer who, std::shared_ptr<session_context> shared,
                 std::shared_ptr<guests> place)
    : socket_(std::move(socket)),
      who_(std::move(who)),
      shared_(std::move(shared)),
      place_(std::move(place)),
      list_(&place_->waiting),
      position_(list_->insert(list_->end(), this)),
      deadline_(socket_.get_executor()) {}

session::~session() { close(); }

void session::start(std::function<void()> ended) {
  auto done = [self = shared_from_this(), ended = std::move(ended)](std::exception_ptr failure) {
    self->close();
    if (failure) self->shared_->report("a connection has failed because of an error in workspaced");
    ended();
  };
  asio::co_spawn(socket_.get_executor(), serve(),
                 asio::bind_cancellation_slot(stop_.slot(), std::move(done)));
}

void session::close() {
  if (list_ == nullptr) return;
  std::exchange(list_, nullptr)->erase(position_);
  error_code ignored;
  socket_.close(ignored);
  deadline_.cancel();
  if (streaming_) leave();
}

void session::move_to(std::list<session*>& list) {
  if (list_ == nullptr) return;
  list.splice(list.end(), *list_, position_);
  list_ = &list;
}

/// What is waited for from now on has to come within `time`; else the wait ends, and `expired_` is set.
void session::arm(std::chrono::milliseconds time) {
  expired_ = false;
  deadline_.expires_after(time);
  deadline_.async_wait([weak = weak_from_this()](const error_code& error) {
    const auto self = weak.lock();
    // An expiry that was already on its way cannot be called back by a new deadline.
    if (error || !self || self->deadline_.expiry() > asio::steady_timer::clock_type::now()) return;
    self->expired_ = true;
    error_code ignored;
    self->socket_.cancel(ignored);
  });
}

void session::disarm() {
  deadline_.expires_at(asio::steady_timer::time_point::max());
  expired_ = false;
}

asio::awaitable<void> session::serve() {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  bool more = true;
  while (more && list_ != nullptr) {
    move_to(place_->waiting);
    if (pending_.empty()) {
      pending_.shrink_to_fit();
      arm(shared_->settings.idle_timeout);
      if (co_await read_some() != event::bytes) break;
    } else {
      co_await asio::post(
          asio::use_awaitable);  // whoever sends requests in a row does not hold up the others
      if (list_ == nullptr) break;
    }
    more = co_await serve_one();
  }
}

asio::awaitable<bool> session::serve_one() {
  const server_options& settings = shared_->settings;
  raw_request raw;
  {
    // Not longer than the request comes: a call that waits at a front door keeps a session for minutes.
    request_parser parser({settings.header_limit, settings.body_limit});
    const bool whole = co_await read_request(parser);
    if (!whole) co_return false;
    raw = parser.take();
  }
  if (pending_.empty()) pending_.shrink_to_fit();
  disarm();
  move_to(place_->served);
  if (!raw.keep_alive) last_ = true;
  const bool http_1_0 = raw.http_1_0;
  const bool head_only = raw.verb == method::head;
  response what = answer(std::move(raw));
  bool present = true;
  if (what.later) present = co_await resolve(what);
  if (present) present = co_await reply(what, head_only, http_1_0);
  co_return present && !last_;
}

asio::awaitable<bool> session::read_request(request_parser& parser) {
  progress reached = progress::more;
  arm(shared_->settings.header_timeout);
  for (;;) {
    pending_.erase(0, parser.feed(pending_, reached));
    if (reached == progress::done) co_return true;
    if (reached == progress::failed) break;
    if (reached == progress::head) {
      arm(shared_->settings.body_timeout);
      if (pending_.empty() && parser.expects_continue()) {
        std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        if (!co_await send(std::move(go_on))) co_return false;
      }
      if (!pending_.empty()) continue;
    }
    const event what = co_await read_some();
    if (what == event::gone) co_return false;
    if (what == event::late) {
      co_await refuse(response::problem(408, "Request timeout", "the request did not arrive in time"));
      co_return false;
    }
  }
  co_await refuse(parser.refusal());
  co_return false;
}

asio::awaitable<session::event> session::read_some() {
  for (;;) {
    error_code error;
    if (!expired_) std::tie(error) = co_await socket_.async_wait(socket_type::wait_read, as_result);
    if (expired_) co_return event::late;
    if (error) co_return event::gone;
    const std::size_t size = socket_.read_some(asio::buffer(shared_->block), error);
    if (error == asio::error::would_block) continue;
    if (error) co_return event::gone;
    pending_.append(shared_->block.data(), size);
    co_return event::bytes;
  }
}

/// Answers a request that cannot be used, and ends. The client may still be sending: closing now would reset
/// the connection before it reads the answer (RFC 9112 9.6), so what comes is thrown away for a while.
asio::awaitable<void> session::refuse(response what) {
  last_ = true;
  if (!co_await reply(what, false, false)) co_return;
  error_code ignored;
  socket_.shutdown(socket_type::shutdown_send, ignored);
  arm(shared_->settings.linger);
  do {
    pending_.clear();
  } while (co_await read_some() == event::bytes);
}

response session::answer(raw_request raw) const {
  auto target = parse_target(raw.target);
  if (!target) return response::problem(400, "Bad target", target.error().detail);
  request what;
  what.verb = raw.verb;
  what.path = std::move(target->path);
  what.query = std::move(target->query);
  what.headers = std::move(raw.headers);
  what.body = std::move(raw.body);
  what.peer = who_;
  if (!target->authority.empty()) {
    for (auto& [name, value] : what.headers) {
      if (same_word(name, "Host")) value = target->authority;
    }
  }
  const policy& rules = shared_->settings.rules;
  if (auto refusal = refuse_stranger(rules, what, raw.http_1_0)) return std::move(*refusal);
  const access granted = granted_to(rules, what);
  return dispatch(shared_->routes, std::move(what), granted);
}

/// Waits for an answer that takes a while. False when the client has left meanwhile.
asio::awaitable<bool> session::resolve(response& what) {
  const auto work = std::move(what.later);
  streaming_ = true;
  watch_for_leaving();
  what = co_await outcome_of(*work);
  streaming_ = false;
  error_code ignored;
  socket_.cancel(ignored);  // the watch
  const auto cancelled = co_await asio::this_coro::cancellation_state;
  co_return cancelled.cancelled() == asio::cancellation_type::none;
}

asio::awaitable<response> session::outcome_of(deferred& work) {
  try {
    response made = co_await work.answer();
    co_return made;
  } catch (const std::exception& error) {
    shared_->report(std::string("cannot answer a request: ") + error.what());
  }
  co_return response::problem(500, "Internal error", "workspaced could not answer; see its log");
}

/// False when the connection is of no more use.
asio::awaitable<bool> session::reply(response& what, bool head_only, bool http_1_0) {
  head_options how;
  how.http_1_0 = http_1_0;
  if (what.stream && http_1_0) last_ = true;
  if (what.stream) how.form = http_1_0 ? framing::until_close : framing::chunked;
  how.keep_alive = !last_;
  std::string bytes = head_text(what, how);
  if (!what.stream && !head_only) bytes += what.body;
  const bool sent = co_await send(std::move(bytes));
  if (!sent || !what.stream) co_return sent;
  what.headers = {};
  streaming_ = true;
  watch_for_leaving();
  const bool whole = co_await send_stream(std::move(what.stream), !http_1_0);
  streaming_ = false;
  error_code ignored;
  socket_.cancel(ignored);  // the watch
  co_return whole;
}

/// False when the client has not taken it.
asio::awaitable<bool> session::send(std::string bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    error_code error;
    sent += socket_.write_some(asio::buffer(bytes.data() + sent, bytes.size() - sent), error);
    if (error && error != asio::error::would_block) co_return false;
    if (!error) continue;
    arm(shared_->settings.write_timeout);
    std::tie(error) = co_await socket_.async_wait(socket_type::wait_write, as_result);
    if (error || expired_) co_return false;
    disarm();
  }
  co_return true;
}

asio::awaitable<bool> session::send_stream(std::unique_ptr<stream> source, bool chunked) {
  for (;;) {
    std::optional<std::string> piece;
    bool broken = false;
    try {
      piece = co_await source->next();
    } catch (const std::exception& error) {
      shared_->report(std::string("cannot go on with a stream: ") + error.what());
      broken = true;
    }
    const auto cancelled = co_await asio::this_coro::cancellation_state;
    if (broken || cancelled.cancelled() != asio::cancellation_type::none) co_return false;
    if (!piece) break;
    // A source that always has something and a client that takes everything must not hold up the others.
    co_await asio::post(asio::use_awaitable);
    if (piece->empty()) continue;
    // Named: g++ 12 destroys a temporary of ?: or || inside a co_await expression twice.
    std::string bytes = chunked ? as_chunk(*piece) : std::move(*piece);
    const bool sent = co_await send(std::move(bytes));
    if (!sent) co_return false;
  }
  if (!chunked) co_return true;
  std::string end(last_chunk);
  co_return co_await send(std::move(end));
}

/// While an answer is being made, or a stream runs, nobody else reads. What comes belongs to the next
/// request; the end of it means that the client has left.
void session::watch_for_leaving() {
  socket_.async_wait(socket_type::wait_read, [self = shared_from_this()](error_code error) {
    if (error || !self->streaming_) return;
    auto& block = self->shared_->block;
    const std::size_t size = self->socket_.read_some(asio::buffer(block), error);
    self->pending_.append(block.data(), size);
    const bool gone = error && error != asio::error::would_block;
    gone || self->pending_.size() > most_ahead ? self->leave() : self->watch_for_leaving();
  });
}

/// Wakes the stream, which sees that nobody is there any more.
void session::leave() {
  // Outside of the loop, emit() only posts a pointer into the signal: by then the session has to be alive.
  const auto self = weak_from_this().lock();
  if (self)
    asio::dispatch(socket_.get_executor(), [self] { self->stop_.emit(asio::cancellation_type::all); });
}

}  // namespace workspaced::http
