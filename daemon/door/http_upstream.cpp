#include "door/http_upstream.hpp"

#include "mcp/client.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace workspaced::door {
namespace {

namespace asio = boost::asio;

/// To connect, and to hear something on a new connection.
constexpr auto look_time = std::chrono::seconds(2);
/// Of the answer to that: more is not read, and the connection not kept.
constexpr std::size_t longest_look = 64 * 1024;
/// Sessions that are ended, streams that are asked for: a server that lives answers soon.
constexpr auto short_time = std::chrono::seconds(5);

constexpr int unauthorized = 401;

std::string header_of(const http::answer& head, std::string_view name) {
  for (const auto& [each, value] : head.headers) {
    if (http::same_word(each, name)) return value;
  }
  return {};
}

class http_answer : public incoming_answer {
 public:
  http_answer(http::exchange from, core::duration silence) : from_(std::move(from)), silence_(silence) {
    status = from_.head().status;
    content_type = header_of(from_.head(), "Content-Type");
    session = header_of(from_.head(), mcp::header::session);
  }

  asio::awaitable<http::client_result<std::optional<std::string>>> next() override {
    from_.limit(silence_);
    return from_.next();
  }

 private:
  http::exchange from_;
  core::duration silence_;
};

}  // namespace

http_upstream::http_upstream(asio::any_io_executor executor, os::process_table& processes, settings all)
    : executor_(executor),
      processes_(processes),
      settings_(std::move(all)),
      pool_(std::move(executor), {settings_.where.address, 256, std::chrono::seconds(2)}) {}

asio::awaitable<boost::system::result<std::string, not_begun>> http_upstream::token() {
  if (!token_) {
    auto read = co_await checks::read_secret(executor_, processes_, settings_.token, settings_.environment);
    if (!read) co_return not_begun{false, read.error().text};
    token_ = std::move(*read);
  }
  co_return *token_;
}

/// True when there is another one to try.
asio::awaitable<bool> http_upstream::renew_token(std::string refused) {
  if (token_ == refused) token_.reset();
  const auto fresh = co_await token();
  co_return fresh&&* fresh != refused;
}

asio::awaitable<boost::system::result<http::pool::lease, not_begun>> http_upstream::proven_connection(
    std::string token) {
  auto taken = co_await pool_.take(look_time);
  if (!taken) co_return not_begun{false, taken.error().text};
  if (!taken->fresh()) co_return std::move(*taken);
  const mcp::address to{settings_.where, std::move(token), {}, {}};
  auto look = mcp::post(to, *mcp::message::parse(mcp::request_text("\"look\"", "ping")));
  look.timeout = look_time;
  {
    auto seen = co_await taken->send(std::move(look));
    if (!seen) co_return not_begun{false, seen.error().text};
    std::size_t size = 0;
    for (;;) {
      const auto piece = co_await seen->next();
      if (!piece) co_return not_begun{false, piece.error().text};
      if (!*piece) break;
      size += (*piece)->size();
      if (size > longest_look) break;
    }
  }
  // As a rule the connection that has just come back. A server that closes after each answer gets a fresh
  // one: it has answered a moment ago.
  auto again = co_await pool_.take(look_time);
  if (!again) co_return not_begun{false, again.error().text};
  co_return std::move(*again);
}

asio::awaitable<begun> http_upstream::send(http::client_request what) {
  auto connection = co_await proven_connection(what.bearer_token);
  if (!connection) co_return connection.error();
  const core::duration silence = what.timeout;
  auto exchange = co_await connection->send(std::move(what));
  if (!exchange) co_return not_begun{true, exchange.error().text};
  std::unique_ptr<incoming_answer> answer = std::make_unique<http_answer>(std::move(*exchange), silence);
  co_return answer;
}

asio::awaitable<begun> http_upstream::begin(outbound what) {
  for (bool again = true;; again = false) {
    const auto known = co_await token();
    if (!known) co_return known.error();
    const mcp::address to{settings_.where, *known, what.session, what.version};
    auto request = mcp::post(to, what.what);
    request.timeout = what.silence;
    for (const auto& each : what.headers) request.headers.push_back(each);
    auto answer = co_await send(std::move(request));
    if (!answer || (*answer)->status != unauthorized || !again) co_return answer;
    if (!co_await renew_token(*known)) co_return answer;
  }
}

asio::awaitable<begun> http_upstream::listen(std::string session, std::string version,
                                             std::string last_event) {
  const auto known = co_await token();
  if (!known) co_return known.error();
  http::client_request what;
  what.host = settings_.where.host_header;
  what.target = settings_.where.path;
  what.accept = "text/event-stream";
  what.bearer_token = *known;
  if (!session.empty()) what.headers.emplace_back(mcp::header::session, std::move(session));
  if (!version.empty()) what.headers.emplace_back(mcp::header::version, std::move(version));
  if (!last_event.empty()) what.headers.emplace_back("Last-Event-ID", std::move(last_event));
  // A stream may be silent for ever: of its own connection, so that it takes none from the calls.
  what.where = settings_.where.address;
  what.timeout = short_time;
  auto exchange = co_await http::open(executor_, std::move(what));
  if (!exchange) co_return not_begun{false, exchange.error().text};
  std::unique_ptr<incoming_answer> answer =
      std::make_unique<http_answer>(std::move(*exchange), core::duration::zero());
  co_return answer;
}

asio::awaitable<void> http_upstream::end_session(std::string session, std::string version) {
  const auto known = co_await token();
  if (!known) co_return;
  http::client_request what;
  what.where = settings_.where.address;
  what.verb = http::method::del;
  what.host = settings_.where.host_header;
  what.target = settings_.where.path;
  what.bearer_token = *known;
  what.headers = {{mcp::header::session, std::move(session)}, {mcp::header::version, std::move(version)}};
  what.timeout = short_time;
  const auto ignored = co_await http::fetch(executor_, std::move(what), 1);
  static_cast<void>(ignored);
}

}  // namespace workspaced::door

void boost::system::throw_exception_from_error(const workspaced::door::not_begun& error,
                                               const source_location&) {
  throw std::logic_error(error.why);
}
