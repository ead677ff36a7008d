#include "unit/http/served.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <future>

namespace workspaced::http::test {
namespace {

using namespace std::chrono_literals;

void set_deadline(int fd) {
  const timeval limit{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

}  // namespace

wire_client::wire_client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  set_deadline(fd());
  if (::connect(fd(), reinterpret_cast<sockaddr*>(&where), sizeof where) != 0)
    ADD_FAILURE() << std::strerror(errno);
}

wire_client::wire_client(const std::string& unix_path)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  unix_path.copy(where.sun_path, sizeof where.sun_path - 1);
  set_deadline(fd());
  if (::connect(fd(), reinterpret_cast<sockaddr*>(&where), sizeof where) != 0)
    ADD_FAILURE() << std::strerror(errno);
}

bool wire_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string wire_client::read_until(std::string_view marker, int times) {
  std::string got;
  char byte = 0;
  int seen = 0;
  while (seen < times) {
    const ssize_t n = ::recv(fd(), &byte, 1, 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      ADD_FAILURE() << "no answer in time after: " << got;
    if (n <= 0) break;
    got += byte;
    if (got.size() >= marker.size() && got.ends_with(marker)) ++seen;
  }
  return got;
}

std::string wire_client::read_all() {
  std::string got;
  std::vector<char> block(64 * 1024);
  for (;;) {
    const ssize_t n = ::recv(fd(), block.data(), block.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) ADD_FAILURE() << "no end in time after: " << got;
    if (n <= 0) return got;
    got.append(block.data(), static_cast<std::size_t>(n));
  }
}

int wire_client::status() {
  const std::string head = read_until("\r\n\r\n");
  return head.starts_with("HTTP/1.1 ") ? std::stoi(head.substr(9, 3)) : 0;
}

served::served(std::vector<route> routes, server_options settings)
    : server_(std::make_unique<server>(loop_.get_executor(), std::move(settings), std::move(routes))) {
  const auto port = server_->listen_tcp("127.0.0.1", 0);
  if (!port) ADD_FAILURE() << port.error();
  port_ = port ? *port : 0;
  thread_ = std::thread([this] {
    const auto work = boost::asio::make_work_guard(loop_);
    loop_.run();
  });
}

served::~served() {
  on_loop([this] { server_.reset(); });
  loop_.stop();
  thread_.join();
}

server_options served::quick() {
  server_options out;
  out.rules.read_token = "read-token";
  out.rules.admin_token = "admin-token";
  out.rules.owner = ::getuid();
  out.header_timeout = 300ms;
  out.body_timeout = 300ms;
  out.idle_timeout = 5s;
  out.write_timeout = 300ms;
  out.linger = 500ms;
  return out;
}

std::string served::ask(std::string_view text) const {
  wire_client client(port_);
  client.send(text);
  ::shutdown(client.fd(), SHUT_WR);
  return client.read_all();
}

int served::status_of(std::string_view text) const {
  wire_client client(port_);
  client.send(text);
  return client.status();
}

void served::on_loop(const std::function<void()>& what) {
  std::promise<void> done;
  boost::asio::post(loop_, [&] {
    what();
    done.set_value();
  });
  done.get_future().wait();
}

std::size_t served::connections() {
  std::size_t count = 0;
  on_loop([&] { count = server_->connections(); });
  return count;
}

std::vector<route> sample_routes() {
  const auto health = [](const request&) { return response::json("{\"ready\":true}"); };
  const auto echo = [](const request& what) { return response::text(what.body); };
  const auto who = [](const request& what) {
    return response::text(std::to_string(what.peer.uid) + " " + what.peer.address);
  };
  const auto large = [](const request&) { return response::text(std::string(20'000'000, 'x')); };
  return {{method::get, "/health", access::open, health, "health"},
          {method::get, "/who", access::open, who, "who asks"},
          {method::get, "/large", access::open, large, "20 MB"},
          {method::post, "/echo", access::open, echo, "what was sent"},
          {method::get, "/v1/services", access::read, health, "needs to read"},
          {method::post, "/v1/reload", access::admin, echo, "needs to act"}};
}

bool eventually(const std::function<bool()>& check) {
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (!check()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

}  // namespace workspaced::http::test
