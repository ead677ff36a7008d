#include "http/server.hpp"

#include "http/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <list>
#include <utility>

namespace workspaced::http {

namespace asio = boost::asio;
using boost::system::error_code;

struct server::listener {
  listener(asio::io_context& loop, os::unique_fd fd, std::string file)
      : socket(loop, fd.release()), path(std::move(file)), retry(loop) {}

  asio::posix::stream_descriptor socket;
  std::string path;                                    ///< of the Unix socket; empty for TCP
  asio::steady_timer retry;
  std::list<std::shared_ptr<session>> sessions;
};

namespace {

/// How long a listener that ran out of descriptors waits before it tries again.
constexpr auto breather = std::chrono::milliseconds(100);

/// As many connections as are accepted before others get their turn on the loop.
constexpr int accepted_at_once = 64;

}  // namespace

server::server(asio::io_context& loop, std::vector<route> routes, policy rules, limits bounds)
    : loop_(loop), routes_(std::move(routes)), rules_(std::move(rules)), limits_(bounds), grace_(loop) {}

server::~server() = default;

boost::system::result<std::uint16_t, std::string> server::listen_tcp(const std::string& host, std::uint16_t port) {
  auto fd = os::listen_tcp(host, port);
  if (!fd) return fd.error();
  const std::uint16_t chosen = os::port_of(*fd);
  listen(std::move(*fd), {});
  return chosen;
}

boost::system::result<void, std::string> server::listen_unix(const std::string& path) {
  auto fd = os::listen_unix(path);
  if (!fd) return fd.error();
  listen(std::move(*fd), path);
  return {};
}

void server::listen(os::unique_fd fd, std::string path) {
  listeners_.push_back(std::make_shared<listener>(loop_, std::move(fd), std::move(path)));
  await(listeners_.back());
}

void server::await(const listener_ptr& from) {
  from->socket.async_wait(asio::posix::stream_descriptor::wait_read, [this, from](const error_code& error) {
    if (!error) accept_all(from);
  });
}

void server::accept_all(const listener_ptr& from) {
  for (int i = 0; i < accepted_at_once; ++i) {
    auto connection = os::accept(from->socket.native_handle());
    if (connection) {
      admit(from, std::move(*connection));
      continue;
    }
    const int error = connection.error().value();
    if (error == EAGAIN || error == EWOULDBLOCK) break;
    if (error == ECONNABORTED || error == EINTR) continue;
    // Out of descriptors or memory. The connection stays in the backlog, so the listener would be woken at once, for
    // ever: make room, and look again a little later.
    evict_idle(*from);
    from->retry.expires_after(breather);
    from->retry.async_wait([this, from](const error_code& cancelled) {
      if (!cancelled) accept_all(from);
    });
    return;
  }
  await(from);
}

void server::admit(const listener_ptr& to, os::accepted connection) {
  if (to->sessions.size() >= limits_.connections && !evict_idle(*to)) return;
  peer from;
  from.unix_socket = connection.family == AF_UNIX;
  if (from.unix_socket) from.uid = os::peer_uid(connection.fd.get());
  session::socket_type socket(loop_);
  error_code error;
  socket.assign(asio::generic::stream_protocol(connection.family, 0), connection.fd.get(), error);
  if (error) return;
  static_cast<void>(connection.fd.release());          // the socket owns it now
  const auto subject = std::make_shared<session>(std::move(socket), from, limits_,
                                                 [this](request what) { return answer(std::move(what)); });
  to->sessions.push_back(subject);
  asio::co_spawn(loop_, subject->serve(), [this, to, subject](std::exception_ptr) { ended(to, subject); });
}

bool server::evict_idle(listener& from) {
  std::shared_ptr<session> oldest;
  for (const auto& each : from.sessions) {
    if (each->idle() && (!oldest || each->idle_since() < oldest->idle_since())) oldest = each;
  }
  if (!oldest) return false;
  from.sessions.remove(oldest);
  oldest->close();
  return true;
}

void server::ended(const listener_ptr& from, const std::shared_ptr<session>& whom) {
  from->sessions.remove(whom);
  if (done_ && connections() == 0) {
    grace_.cancel();
    std::exchange(done_, {})();
  }
}

response server::answer(request what) const {
  verdict decided = judge(rules_, what);
  if (decided.refusal) return std::move(*decided.refusal);
  return dispatch(routes_, std::move(what), decided.granted);
}

std::size_t server::connections() const {
  std::size_t sum = 0;
  for (const auto& each : listeners_) sum += each->sessions.size();
  return sum;
}

void server::stop(std::chrono::milliseconds grace, std::function<void()> done) {
  for (const auto& each : listeners_) {
    error_code ignored;
    each->socket.close(ignored);
    each->retry.cancel();
    if (!each->path.empty()) ::unlink(each->path.c_str());
    for (const auto& whom : each->sessions) {
      whom->finish();
      if (whom->idle()) whom->close();
    }
  }
  if (connections() == 0) return done();
  done_ = std::move(done);
  grace_.expires_after(grace);
  grace_.async_wait([this](const error_code& error) {
    if (error) return;
    for (const auto& each : listeners_) {
      for (const auto& whom : each->sessions) whom->close();
    }
  });
}

}  // namespace workspaced::http
