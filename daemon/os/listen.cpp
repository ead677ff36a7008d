#include "os/listen.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace workspaced::os {
namespace {

constexpr int backlog = 512;
constexpr int flags = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

/// A socket address of any family, as the socket calls want it.
struct address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
};

bool parse(const std::string& host, std::uint16_t port, address& out) {
  auto* four = reinterpret_cast<sockaddr_in*>(&out.storage);
  auto* six = reinterpret_cast<sockaddr_in6*>(&out.storage);
  if (::inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    out.size = sizeof *four;
    return true;
  }
  if (::inet_pton(AF_INET6, host.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    out.size = sizeof *six;
    return true;
  }
  return false;
}

bool somebody_answers(address where) {
  const unique_fd probe(::socket(AF_UNIX, flags, 0));
  // EAGAIN: its queue is full, so there is somebody.
  return ::connect(probe.get(), where.get(), where.size) == 0 || errno == EAGAIN;
}

ucred peer_of(int connected) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(connected, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
    return {0, static_cast<uid_t>(-1), static_cast<gid_t>(-1)};
  return who;
}

}  // namespace

boost::system::result<unique_fd, std::string> listen_tcp(const std::string& host, std::uint16_t port) {
  const std::string name = host + ":" + std::to_string(port);
  address where;
  if (!parse(host, port, where)) return "cannot listen on " + name + ": not a numeric address";
  unique_fd fd(::socket(where.family(), flags, 0));
  const int on = 1;
  if (fd) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!fd || ::bind(fd.get(), where.get(), where.size) != 0 || ::listen(fd.get(), backlog) != 0) {
    return "cannot listen on " + name + ": " + std::strerror(errno) +
           (errno == EADDRINUSE ? "; what has it now: ss -ltnp" : "");
  }
  return fd;
}

std::uint16_t port_of(const unique_fd& listening) {
  address where;
  where.size = sizeof where.storage;
  if (::getsockname(listening.get(), where.get(), &where.size) != 0) return 0;
  const bool six = where.family() == AF_INET6;
  return ntohs(six ? reinterpret_cast<sockaddr_in6*>(&where.storage)->sin6_port
                   : reinterpret_cast<sockaddr_in*>(&where.storage)->sin_port);
}

boost::system::result<unique_fd, std::string> listen_unix(const std::string& path) {
  address where;
  auto* local = reinterpret_cast<sockaddr_un*>(&where.storage);
  if (path.size() >= sizeof local->sun_path) {
    return "cannot listen on " + path + ": a socket's path has at most " +
           std::to_string(sizeof local->sun_path - 1) + " characters; choose a shorter one with --socket";
  }
  local->sun_family = AF_UNIX;
  std::memcpy(local->sun_path, path.c_str(), path.size() + 1);
  where.size = sizeof *local;
  if (somebody_answers(where))
    return "another daemon listens on " + path + "; stop it with workspacectl down";
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) == 0 && !S_ISSOCK(facts.st_mode)) {
    return "cannot listen on " + path + ": there is a file that is no socket; choose another with --socket";
  }
  ::unlink(path.c_str());

  unique_fd fd(::socket(AF_UNIX, flags, 0));
  // The file gets its mode from the umask at bind(2); a later chmod would leave a moment in which anybody may
  // connect.
  const mode_t before = ::umask(0177);
  const bool bound = fd && ::bind(fd.get(), where.get(), where.size) == 0;
  const int error = errno;
  ::umask(before);
  if (!bound) return "cannot listen on " + path + ": " + std::strerror(error);
  if (::listen(fd.get(), backlog) != 0) return "cannot listen on " + path + ": " + std::strerror(errno);
  return fd;
}

boost::system::result<accepted> accept(int listening) {
  address who;
  who.size = sizeof who.storage;
  unique_fd fd(::accept4(listening, who.get(), &who.size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd) return boost::system::error_code(errno, boost::system::system_category());
  if (who.family() != AF_UNIX) {
    const int on = 1;  // answers are written whole: waiting for more to send would only delay them
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return accepted{std::move(fd), who.family()};
}

uid_t peer_uid(int connected) { return peer_of(connected).uid; }

pid_t peer_pid(int connected) { return peer_of(connected).pid; }

}  // namespace workspaced::os
