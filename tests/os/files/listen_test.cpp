#include "os/listen.hpp"

#include "os/files.hpp"
#include "os/files/scratch.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

namespace workspaced::os::testing {
namespace {

class os_listen : public scratch {
 protected:
  static unique_fd connect_to(const std::string& path) {
    unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    path.copy(where.sun_path, sizeof where.sun_path - 1);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) fd.reset();
    return fd;
  }
  static bool is_private_to_us(int fd) {
    return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 && (::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
  }
};

TEST_F(os_listen, tcp_port_that_is_taken_is_an_error_with_advice) {
  const auto first = listen_tcp("127.0.0.1", 0);
  ASSERT_TRUE(first);
  const auto port = port_of(*first);
  EXPECT_NE(port, 0);
  const auto second = listen_tcp("127.0.0.1", port);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().rfind(
                "cannot listen on 127.0.0.1:" + std::to_string(port) + ": Address already in use", 0),
            0U)
      << second.error();
}

TEST_F(os_listen, tcp_takes_numeric_addresses_only) { EXPECT_FALSE(listen_tcp("localhost", 0)); }

TEST_F(os_listen, unix_socket_is_for_its_owner_only) {
  const auto listening = listen_unix(path("s"));
  ASSERT_TRUE(listening);
  EXPECT_EQ(mode_of(path("s")), 0600U);
}

TEST_F(os_listen, unix_socket_that_nobody_answers_on_is_replaced) {
  { ASSERT_TRUE(listen_unix(path("s"))); }
  ASSERT_TRUE(std::filesystem::exists(path("s")));
  const auto listening = listen_unix(path("s"));
  ASSERT_TRUE(listening) << listening.error();
  EXPECT_TRUE(connect_to(path("s")));
}

TEST_F(os_listen, unix_socket_of_a_living_daemon_is_left_alone) {
  const auto first = listen_unix(path("s"));
  ASSERT_TRUE(first);
  EXPECT_FALSE(listen_unix(path("s")));
  EXPECT_TRUE(connect_to(path("s")));
}

TEST_F(os_listen, file_that_is_no_socket_is_left_alone) {
  ASSERT_FALSE(write_whole(path("precious"), "data", 0600));
  const auto listening = listen_unix(path("precious"));
  ASSERT_FALSE(listening);
  EXPECT_EQ(*read_whole(path("precious"), 100), "data");
}

TEST_F(os_listen, path_that_does_not_fit_into_an_address_is_an_error) {
  const auto listening = listen_unix(path(std::string(200, 'x')));
  ASSERT_FALSE(listening);
  EXPECT_NE(listening.error().find("at most 107 characters"), std::string::npos) << listening.error();
}

TEST_F(os_listen, accepting_gives_the_peer_and_no_descriptor_to_children) {
  const auto listening = listen_unix(path("s"));
  ASSERT_TRUE(listening);
  EXPECT_EQ(accept(listening->get()).error().value(), EAGAIN);
  const auto client = connect_to(path("s"));
  const auto connection = accept(listening->get());
  ASSERT_TRUE(connection);
  EXPECT_EQ(connection->family, AF_UNIX);
  EXPECT_EQ(peer_uid(connection->fd.get()), ::geteuid());
  EXPECT_TRUE(is_private_to_us(listening->get()));
  EXPECT_TRUE(is_private_to_us(connection->fd.get()));
}

TEST_F(os_listen, peer_of_what_is_no_socket_is_nobody) { EXPECT_EQ(peer_uid(0), static_cast<uid_t>(-1)); }

}  // namespace
}  // namespace workspaced::os::testing
