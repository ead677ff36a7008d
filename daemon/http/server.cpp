#include "http/server.hpp"

#include "http/session.hpp"
#include "os/listen.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace workspaced::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// How long a listener that ran out of descriptors waits before it looks again.
constexpr auto breather = std::chrono::milliseconds(100);

/// As many connections as are accepted before others get their turn on the loop.
constexpr int accepted_at_once = 64;

/// A listener may have a quarter of our descriptors at most: services need theirs.
std::size_t connection_limit(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  // Services, their logs and the servers behind the doors need some, too; whoever runs out makes room.
  return std::min(wanted, std::max<std::size_t>(8, limit.rlim_cur / 8 * 5));
}

/// "127.0.0.1:51234".
std::string address_of(int connected) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getpeername(connected, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return "unknown";
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_INET6) {
    const auto* six = reinterpret_cast<const sockaddr_in6*>(&storage);
    ::inet_ntop(AF_INET6, &six->sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(six->sin6_port));
  }
  const auto* four = reinterpret_cast<const sockaddr_in*>(&storage);
  ::inet_ntop(AF_INET, &four->sin_addr, text.data(), text.size());
  return std::string(text.data()) + ":" + std::to_string(ntohs(four->sin_port));
}

}  // namespace

class server::state : public std::enable_shared_from_this<server::state> {
 public:
  state(asio::any_io_executor executor, server_options settings, std::vector<route> routes);

  void listen(os::unique_fd fd, const std::string& path);
  void stop(std::chrono::milliseconds bound, std::function<void()> done);
  void abort();
  [[nodiscard]] std::size_t connections() const;

 private:
  struct listener {
    listener(const asio::any_io_executor& executor, int fd) : socket(executor, fd), retry(executor) {}

    asio::posix::stream_descriptor socket;
    asio::steady_timer retry;
    std::shared_ptr<guests> accepted = std::make_shared<guests>();
    std::string path;         // of the Unix socket; empty for TCP
    struct stat identity {};  // of its file
  };
  using listener_ptr = std::shared_ptr<listener>;

  void await(const listener_ptr& from);
  void accept_all(const listener_ptr& from);
  void admit(const listener_ptr& to, os::accepted connection);
  bool make_room(const listener_ptr& needy);
  void ended();
  void close_listeners();
  [[nodiscard]] std::vector<session*> everybody() const;

  asio::any_io_executor executor_;
  std::shared_ptr<session_context> shared_;
  std::size_t limit_;
  std::vector<listener_ptr> listeners_;
  std::size_t running_ = 0;  // sessions whose coroutine has not ended
  bool out_of_descriptors_ = false;
  asio::steady_timer grace_;
  std::function<void()> done_;
};

server::state::state(asio::any_io_executor executor, server_options settings, std::vector<route> routes)
    : executor_(std::move(executor)), limit_(connection_limit(settings.max_connections)), grace_(executor_) {
  shared_ = std::make_shared<session_context>();
  shared_->settings = std::move(settings);
  shared_->routes = std::move(routes);
}

void server::state::listen(os::unique_fd fd, const std::string& path) {
  auto fresh = std::make_shared<listener>(executor_, fd.release());
  fresh->path = path;
  if (!path.empty()) ::lstat(path.c_str(), &fresh->identity);
  listeners_.push_back(fresh);
  await(fresh);
}

void server::state::await(const listener_ptr& from) {
  from->socket.async_wait(asio::posix::stream_descriptor::wait_read,
                          [weak = weak_from_this(), from](const error_code& error) {
                            const auto self = weak.lock();
                            if (!error && self) self->accept_all(from);
                          });
}

void server::state::accept_all(const listener_ptr& from) {
  for (int i = 0; i < accepted_at_once && from->socket.is_open(); ++i) {
    auto connection = os::accept(from->socket.native_handle());
    if (connection) {
      out_of_descriptors_ = false;
      admit(from, std::move(*connection));
      continue;
    }
    const int error = connection.error().value();
    if (error == EAGAIN || error == EWOULDBLOCK) break;
    const bool short_of_something = error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
    // Else the connection failed before we got it (accept(2) lists the ways); it is gone from the queue.
    if (!short_of_something || make_room(from)) continue;
    if (!std::exchange(out_of_descriptors_, true)) {
      shared_->report("cannot accept connections: " + connection.error().message() +
                      "; raise the limit of open files");
    }
    // The connection stays in the queue and would wake us at once, for ever: look again a little later.
    from->retry.expires_after(breather);
    from->retry.async_wait([weak = weak_from_this(), from](const error_code& cancelled) {
      const auto self = weak.lock();
      if (!cancelled && self) self->accept_all(from);
    });
    return;
  }
  if (from->socket.is_open()) await(from);
}

/// Closes the connection that has been waiting for a request longest: of this listener, or of another.
bool server::state::make_room(const listener_ptr& needy) {
  listener_ptr chosen = needy;
  for (const auto& each : listeners_) {
    if (chosen->accepted->waiting.empty()) chosen = each;
  }
  if (chosen->accepted->waiting.empty()) return false;
  chosen->accepted->waiting.front()->close();
  return true;
}

void server::state::admit(const listener_ptr& to, os::accepted connection) {
  guests& present = *to->accepted;
  if (present.size() >= limit_) (present.waiting.empty() ? present.served : present.waiting).front()->close();
  peer who;
  who.unix_socket = connection.family == AF_UNIX;
  who.address = who.unix_socket ? "unix" : address_of(connection.fd.get());
  if (who.unix_socket) who.uid = os::peer_uid(connection.fd.get());
  session::socket_type socket(executor_);
  error_code error;
  socket.assign(asio::generic::stream_protocol(connection.family, 0), connection.fd.get(), error);
  if (error) return;
  static_cast<void>(connection.fd.release());  // the socket owns it now
  socket.non_blocking(true, error);
  const auto guest = std::make_shared<session>(std::move(socket), std::move(who), shared_, to->accepted);
  ++running_;
  guest->start([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->ended();
  });
}

void server::state::ended() {
  if (--running_ > 0 || !done_) return;
  grace_.cancel();
  std::exchange(done_, {})();
}

std::vector<session*> server::state::everybody() const {
  std::vector<session*> all;
  for (const auto& each : listeners_) {
    all.insert(all.end(), each->accepted->waiting.begin(), each->accepted->waiting.end());
    all.insert(all.end(), each->accepted->served.begin(), each->accepted->served.end());
  }
  return all;
}

void server::state::close_listeners() {
  for (const auto& each : listeners_) {
    error_code ignored;
    each->socket.close(ignored);
    each->retry.cancel();
    struct stat now {};
    const bool ours = !each->path.empty() && ::lstat(each->path.c_str(), &now) == 0 &&
                      now.st_dev == each->identity.st_dev && now.st_ino == each->identity.st_ino;
    if (ours) ::unlink(each->path.c_str());
    each->path.clear();
  }
}

void server::state::stop(std::chrono::milliseconds bound, std::function<void()> done) {
  close_listeners();
  for (session* each : everybody()) each->finish();
  for (const auto& each : listeners_) {
    while (!each->accepted->waiting.empty()) each->accepted->waiting.front()->close();
  }
  done_ = std::move(done);
  // With nobody there `ended` has been called for the last time.
  grace_.expires_after(running_ == 0 ? std::chrono::milliseconds(0) : bound);
  grace_.async_wait([weak = weak_from_this()](const error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    for (session* each : self->everybody()) each->close();
    if (self->running_ == 0 && self->done_) std::exchange(self->done_, {})();
  });
}

void server::state::abort() {
  close_listeners();
  for (session* each : everybody()) each->close();
}

std::size_t server::state::connections() const {
  std::size_t sum = 0;
  for (const auto& each : listeners_) sum += each->accepted->size();
  return sum;
}

server::server(asio::any_io_executor executor, server_options settings, std::vector<route> routes)
    : state_(std::make_shared<state>(std::move(executor), std::move(settings), std::move(routes))) {}

server::~server() { state_->abort(); }

boost::system::result<std::uint16_t, std::string> server::listen_tcp(const std::string& host,
                                                                     std::uint16_t port) {
  auto fd = os::listen_tcp(host, port);
  if (!fd) return fd.error();
  const std::uint16_t chosen = os::port_of(*fd);
  state_->listen(std::move(*fd), {});
  return chosen;
}

boost::system::result<void, std::string> server::listen_unix(const std::string& path) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0 && !S_ISSOCK(there.st_mode)) {
    return "cannot listen on " + path + ": it is a file of another kind; choose another path with --socket";
  }
  auto fd = os::listen_unix(path);
  if (!fd) return fd.error();
  state_->listen(std::move(*fd), path);
  return {};
}

void server::stop(std::chrono::milliseconds bound, std::function<void()> done) {
  state_->stop(bound, std::move(done));
}

std::size_t server::connections() const { return state_->connections(); }

}  // namespace workspaced::http
