#include "holder/parcel.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace workspaced::holder {
namespace {

constexpr std::size_t most_descriptors = 8;
constexpr std::size_t longest_text = 1024;
constexpr int patience_ms = 100;  // the holder does nothing but receive
constexpr int flags = SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK;

struct control_space {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> bytes{};
};

/// A socket address by way of a descriptor of the directory, which must stay open while it is used.
struct place {
  os::unique_fd directory;
  sockaddr_un address{};
};

std::optional<place> place_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  place found;
  found.directory.reset(::open(path.substr(0, slash + 1).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const std::string by_number = "/proc/self/fd/" + std::to_string(found.directory.get()) + path.substr(slash);
  if (!found.directory || by_number.size() >= sizeof found.address.sun_path) return std::nullopt;
  found.address.sun_family = AF_UNIX;
  std::memcpy(found.address.sun_path, by_number.c_str(), by_number.size() + 1);
  return found;
}

void take_descriptors(msghdr& message, parcel& into) {
  for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr; each = CMSG_NXTHDR(&message, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(each) + i * sizeof(int), sizeof fd);
      into.descriptors.emplace_back(fd);
    }
  }
}

}  // namespace

bool send(int socket, std::string_view word, std::string_view name, const std::vector<int>& descriptors) {
  std::string text = std::string(word) + " " + std::string(name);
  iovec part{text.data(), text.size()};
  control_space control;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const std::size_t count = std::min(descriptors.size(), most_descriptors);
  if (count > 0) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(rights), descriptors.data(), count * sizeof(int));
  }
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (::sendmsg(socket, &message, MSG_NOSIGNAL) >= 0) return true;
    if (errno != EAGAIN) return false;
    pollfd room{socket, POLLOUT, 0};
    ::poll(&room, 1, patience_ms);
  }
  return false;
}

std::optional<parcel> receive(int socket, bool& closed) {
  std::array<char, longest_text> text{};
  iovec part{text.data(), text.size()};
  control_space control;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  const ssize_t size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  closed = size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
  if (size <= 0) return std::nullopt;
  parcel got;
  take_descriptors(message, got);
  const std::string_view said(text.data(), static_cast<std::size_t>(size));
  const auto space = said.find(' ');
  got.word = said.substr(0, space);
  if (space != std::string_view::npos) got.name = said.substr(space + 1);
  return got;
}

std::optional<ends> make_pair() {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, flags, 0, pair.data()) != 0) return std::nullopt;
  return ends{os::unique_fd(pair[0]), os::unique_fd(pair[1])};
}

os::unique_fd listen(const std::string& path) {
  auto where = place_of(path);
  os::unique_fd fd(::socket(AF_UNIX, flags, 0));
  if (!where || !fd) return {};
  ::unlink(path.c_str());
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&where->address), sizeof where->address) != 0 ||
      ::listen(fd.get(), 1) != 0)
    return {};
  return fd;
}

os::unique_fd connect(const std::string& path) {
  auto where = place_of(path);
  os::unique_fd fd(::socket(AF_UNIX, flags, 0));
  if (!where || !fd) return {};
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&where->address), sizeof where->address) != 0)
    return {};
  return fd;
}

}  // namespace workspaced::holder
