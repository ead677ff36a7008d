#include "http/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <ctime>
#include <utility>

namespace workspaced::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

method method_of(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get: return method::get;
    case beast::http::verb::head: return method::head;
    case beast::http::verb::post: return method::post;
    case beast::http::verb::put: return method::put;
    case beast::http::verb::delete_: return method::del;
    case beast::http::verb::options: return method::options;
    default: return method::other;
  }
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text.data(), length};
}

enum class body_form { counted, chunked, until_close };

std::string head_of(const response& what, body_form form, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(what.status) + " " + std::string(reason_phrase(what.status)) + "\r\n";
  head += "Date: " + http_date() + "\r\nServer: workspaced\r\n";
  head += "Content-Type: " + what.content_type + "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n";
  for (const auto& [name, value] : what.headers) head += name + ": " + value + "\r\n";
  if (form == body_form::counted) head += "Content-Length: " + std::to_string(what.body.size()) + "\r\n";
  if (form == body_form::chunked) head += "Transfer-Encoding: chunked\r\n";
  return head + (keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

std::string as_chunk(const std::string& piece) {
  std::array<char, 20> size{};
  const int length = std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
  return std::string(size.data(), static_cast<std::size_t>(length)) + piece + "\r\n";
}

}  // namespace

/// What one request needs while it is served. Its buffers exist only from its first byte on.
struct session::exchange {
  beast::flat_buffer& buffer;
  beast::http::request_parser<beast::http::string_body> parser;
};

session::session(socket_type socket, peer from, const limits& bounds, answerer answer)
    : socket_(std::move(socket)),
      from_(from),
      limits_(bounds),
      answer_(std::move(answer)),
      deadline_(socket_.get_executor()) {}

void session::close() {
  error_code ignored;
  socket_.close(ignored);
  deadline_.cancel();
}

/// Whatever is under way must be done within `time`, or it fails with `timed_out_` set.
void session::give(std::chrono::milliseconds time) {
  timed_out_ = false;
  deadline_.expires_after(time);
  deadline_.async_wait([this](const error_code& error) {
    if (error) return;
    timed_out_ = true;
    error_code ignored;
    socket_.cancel(ignored);
  });
}

asio::awaitable<void> session::serve() {
  beast::flat_buffer buffer;
  for (;;) {
    idle_ = buffer.size() == 0;
    idle_since_ = clock::now();
    if (idle_) {
      buffer.shrink_to_fit();
      give(limits_.idle_time);
      const auto [error] = co_await socket_.async_wait(socket_type::wait_read, as_result);
      if (error) break;
      idle_ = false;
    }
    exchange with{buffer, {}};
    if (co_await serve_one(with) == next::done || last_) break;
  }
  close();
}

asio::awaitable<session::next> session::serve_one(exchange& with) {
  give(limits_.header_time);
  with.parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
  with.parser.body_limit(limits_.body_bytes);
  const auto [error, size] = co_await beast::http::async_read_header(socket_, with.buffer, with.parser, as_result);
  if (error) {
    const bool gone = error == beast::http::error::end_of_stream || (!timed_out_ && error == asio::error::operation_aborted);
    if (gone || (timed_out_ && !with.parser.got_some() && with.buffer.size() == 0)) co_return next::done;
    response refusal = problem(400, "this is not HTTP/1.1: " + error.message());
    if (timed_out_) refusal = problem(408, "the request did not arrive in time");
    if (error == beast::http::error::header_limit) refusal = problem(431, "the request's header is too large");
    if (error == beast::http::error::body_limit) refusal = problem(413, "the request's body is too large");
    if (co_await reply(with, std::move(refusal), false)) co_await linger();
    co_return next::done;
  }
  if (!co_await read_body(with)) co_return next::done;

  const auto& message = with.parser.get();
  request what;
  what.verb = method_of(message.method());
  what.from = from_;
  for (const auto& field : message) {
    what.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  what.body = message.body();
  const bool keep_alive = message.keep_alive() && !last_;
  auto target = split_target({message.target().data(), message.target().size()});
  response out;
  if (!target) {
    out = problem(400, "the request's target is not well formed");
  } else {
    what.path = std::move(target->path);
    what.query = std::move(target->query);
    out = answer_(std::move(what));
  }
  const bool again = out.source ? co_await reply_streamed(with, std::move(out), keep_alive)
                                : co_await reply(with, std::move(out), keep_alive);
  co_return again && keep_alive ? next::another : next::done;
}

asio::awaitable<bool> session::read_body(exchange& with) {
  const auto expect = with.parser.get()[beast::http::field::expect];
  if (beast::iequals(expect, "100-continue")) {
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(go_on), as_result);
    if (error) co_return false;
  }
  give(limits_.body_time);
  const auto [error, size] = co_await beast::http::async_read(socket_, with.buffer, with.parser, as_result);
  if (!error) co_return true;
  response refusal = problem(400, "the request's body cannot be read: " + error.message());
  if (error == beast::http::error::body_limit) refusal = problem(413, "the request's body is too large");
  if (timed_out_) refusal = problem(408, "the request's body did not arrive in time");
  if (co_await reply(with, std::move(refusal), false)) co_await linger();
  co_return false;
}

asio::awaitable<bool> session::reply(exchange& with, response what, bool keep_alive) {
  give(limits_.write_time);
  const bool head_only = with.parser.is_header_done() && with.parser.get().method() == beast::http::verb::head;
  std::string all = head_of(what, body_form::counted, keep_alive);
  if (!head_only) all += what.body;
  const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(all), as_result);
  co_return !error;
}

asio::awaitable<bool> session::reply_streamed(exchange& with, response what, bool keep_alive) {
  using namespace asio::experimental::awaitable_operators;
  const bool chunked = with.parser.get().version() >= 11;
  const auto source = std::move(what.source);
  const std::string head = head_of(what, chunked ? body_form::chunked : body_form::until_close, keep_alive && chunked);
  give(limits_.write_time);
  const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(head), as_result);
  if (error || with.parser.get().method() == beast::http::verb::head) co_return !error;
  bool whole = false;
  co_await (pump(*source, chunked, whole) || watch_for_leaving());
  co_return whole && chunked;
}

asio::awaitable<void> session::pump(stream& source, bool chunked, bool& whole) {
  for (;;) {
    deadline_.cancel();                                // the source may take its time, only the client may not
    auto piece = co_await source.next();
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
    if (piece && piece->empty()) continue;
    const std::string bytes = !chunked ? piece.value_or("") : piece ? as_chunk(*piece) : "0\r\n\r\n";
    give(limits_.write_time);
    const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes), as_result);
    if (error || !piece) {
      whole = !error;
      co_return;
    }
  }
}

/// Returns when the client has gone. What it sends meanwhile is of no use and thrown away.
asio::awaitable<void> session::watch_for_leaving() {
  std::array<char, 512> unused{};
  for (;;) {
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(unused), as_result);
    if (error) co_return;
  }
}

/// After a refusal the client may still be sending. Closing now would reset the connection before it reads the answer
/// (RFC 9112, 9.6), so what comes is thrown away for a while.
asio::awaitable<void> session::linger() {
  error_code ignored;
  socket_.shutdown(socket_type::shutdown_send, ignored);
  give(std::chrono::milliseconds(2000));
  std::vector<char> unused(64 * 1024);
  for (;;) {
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(unused), as_result);
    if (error) co_return;
  }
}

}  // namespace workspaced::http
