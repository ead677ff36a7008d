#include "http/connection.hpp"

#include "core/durations.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <utility>

namespace workspaced::http {
namespace {

namespace asio = boost::asio;
namespace errc = boost::system::errc;
using boost::system::error_code;
using address_type = asio::generic::stream_protocol::endpoint;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// How long to wait for room in the backlog of a Unix socket; connect(2) gives EAGAIN and no event to wait
/// for.
constexpr auto backlog_pause = std::chrono::milliseconds(2);

error_code last_error() { return {errno, boost::system::system_category()}; }

std::string in_words(const error_code& error) {
  std::string text = error == errc::connection_reset ? "connection reset" : error.message();
  text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

failure failed(const error_code& error) {
  if (error == asio::error::operation_aborted)
    return {errc::make_error_code(errc::operation_canceled), "cancelled"};
  return {error, in_words(error)};
}

failure closed_early(bool within) {
  return {errc::make_error_code(errc::connection_reset), within
                                                             ? "the connection was closed within the answer"
                                                             : "the connection was closed without an answer"};
}

failure not_http() { return {errc::make_error_code(errc::bad_message), "the answer is not HTTP"}; }

/// Fails when the address is not numeric, or a path too long for a Unix socket.
address_type address_of(const endpoint& where, error_code& error) {
  if (const auto* local = std::get_if<unix_target>(&where)) {
    constexpr std::size_t longest = 107;  // sun_path, unix(7)
    if (local->path.size() <= longest) return asio::local::stream_protocol::endpoint(local->path);
    error = errc::make_error_code(errc::filename_too_long);
    return {};
  }
  const auto& tcp = std::get<core::tcp_target>(where);
  return asio::ip::tcp::endpoint(asio::ip::make_address(tcp.host, error), tcp.port);
}

}  // namespace

void exchange::connection::limit(core::duration time) {
  timer_.cancel();
  limit_ = time;
  expired_ = false;
  if (time == core::duration::zero()) return;
  timer_.expires_after(time);
  timer_.async_wait([weak = weak_from_this()](const error_code& error) {
    const auto self = weak.lock();
    // An expiry that was already on its way cannot be called back by a new limit.
    if (error || !self || self->timer_.expiry() > asio::steady_timer::clock_type::now()) return;
    self->expired_ = true;
    error_code ignored;
    self->socket_.cancel(ignored);
  });
}

asio::awaitable<std::optional<failure>> exchange::connection::ready(socket_type::wait_type what) {
  error_code error;
  if (!expired_) std::tie(error) = co_await socket_.async_wait(what, as_result);
  if (expired_)
    co_return failure{errc::make_error_code(errc::timed_out), "timed out after " + core::in_words(limit_)};
  if (error) co_return failed(error);
  co_return std::nullopt;
}

asio::awaitable<std::optional<failure>> exchange::connection::connect(endpoint where) {
  error_code error;
  const address_type address = address_of(where, error);
  if (error) co_return failed(error);
  const int family = address.protocol().family();
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) co_return failed(last_error());
  socket_.assign(address.protocol(), fd, error);
  socket_.non_blocking(true, error);
  while (::connect(fd, address.data(), static_cast<socklen_t>(address.size())) != 0 && errno != EINPROGRESS) {
    if (errno == EINTR) continue;
    if (errno != EAGAIN) co_return failed(last_error());
    if (expired_) break;
    asio::steady_timer pause(socket_.get_executor(), backlog_pause);
    const auto [cancelled] = co_await pause.async_wait(as_result);
    if (cancelled) co_return failed(cancelled);
  }
  if (auto problem = co_await ready(socket_type::wait_write)) co_return problem;
  int outcome = 0;
  socklen_t size = sizeof outcome;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &outcome, &size);
  if (outcome == 0 && family != AF_UNIX && talks_to_itself()) outcome = ECONNREFUSED;
  if (outcome != 0) co_return failed(error_code(outcome, boost::system::system_category()));
  const int at_once = 1;
  if (family != AF_UNIX) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  co_return std::nullopt;
}

/// True when nobody listens and the kernel has joined our socket with itself, which it can do for a port of
/// its ephemeral range (tcp(7), simultaneous open). The port must not stay in use after that: somebody wants
/// to listen.
bool exchange::connection::talks_to_itself() {
  error_code error;
  const auto mine = socket_.local_endpoint(error);
  const auto theirs = socket_.remote_endpoint(error);
  if (error || mine != theirs) return false;
  socket_.set_option(asio::socket_base::linger(true, 0), error);
  return true;
}

asio::awaitable<std::optional<failure>> exchange::connection::send(std::string text, bool head_only) {
  parser_.emplace(head_only);
  reached_ = progress::more;
  std::size_t sent = 0;
  while (sent < text.size()) {
    error_code error;
    sent += socket_.write_some(asio::buffer(text.data() + sent, text.size() - sent), error);
    if (error == asio::error::would_block) {
      if (auto problem = co_await ready(socket_type::wait_write)) co_return problem;
    } else if (error) {
      // A server that refuses without reading all closes early: its answer may be there nevertheless.
      co_return std::nullopt;
    }
  }
  co_return std::nullopt;
}

std::optional<failure> exchange::connection::closed() {
  if (!parser_->finish()) return closed_early(parser_->has_head());
  reached_ = progress::done;
  return std::nullopt;
}

asio::awaitable<std::optional<failure>> exchange::connection::receive_some() {
  if (auto problem = co_await ready(socket_type::wait_read)) co_return problem;
  std::array<char, 16 * 1024> block;
  error_code error;
  const std::size_t size = socket_.read_some(asio::buffer(block), error);
  if (error == asio::error::would_block) co_return std::nullopt;
  if (error == asio::error::eof) co_return closed();
  if (error) co_return failed(error);
  pending_.append(block.data(), size);
  pending_.erase(0, parser_->feed(pending_, reached_));
  if (reached_ == progress::failed) co_return not_http();
  co_return std::nullopt;
}

asio::awaitable<std::optional<failure>> exchange::connection::receive_head() {
  while (!parser_->has_head()) {
    if (auto problem = co_await receive_some()) co_return problem;
  }
  head = answer{parser_->status(), parser_->reason(), parser_->headers(), {}};
  // The header may have come with the start of the body.
  if (reached_ == progress::head) pending_.erase(0, parser_->feed(pending_, reached_));
  co_return std::nullopt;
}

bool exchange::connection::can_go_on() const {
  return parser_ && reached_ == progress::done && parser_->keep_alive() && pending_.empty() && !expired_;
}

bool exchange::connection::is_quiet() {
  char unasked = 0;
  const auto size = ::recv(socket_.native_handle(), &unasked, 1, MSG_PEEK | MSG_DONTWAIT);
  return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void exchange::connection::close() {
  error_code ignored;
  timer_.cancel();
  socket_.close(ignored);
}

asio::awaitable<client_result<std::optional<std::string>>> exchange::connection::receive_body() {
  for (;;) {
    std::string piece = parser_->take_body();
    if (!piece.empty()) co_return std::optional<std::string>(std::move(piece));
    if (reached_ == progress::done) co_return std::optional<std::string>();
    if (reached_ == progress::failed) co_return not_http();
    if (auto problem = co_await receive_some()) co_return *problem;
  }
}

}  // namespace workspaced::http
