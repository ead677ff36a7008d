#include "logs/peephole.hpp"

#include <boost/asio/query.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace workspaced::logs {

namespace asio = boost::asio;

peephole::peephole(asio::execution_context& owner)
    : asio::execution_context::service(owner), bytes_(new char[size]) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;
  reading_.reset(ends[0]);
  writing_.reset(ends[1]);
  ::fcntl(writing_.get(), F_SETPIPE_SZ, static_cast<int>(size));
}

peephole& peephole::of(const asio::any_io_executor& executor) {
  asio::execution_context& context = asio::query(executor, asio::execution::context);
  return asio::use_service<peephole>(context);
}

std::string_view peephole::look_into(int pipe) {
  const ssize_t there = ::tee(pipe, writing_.get(), size, SPLICE_F_NONBLOCK);
  std::size_t copied = 0;
  // All of it: what stayed in the second pipe would be seen at the next look, at another pipe.
  while (there > 0 && copied < static_cast<std::size_t>(there)) {
    const ssize_t count =
        ::read(reading_.get(), bytes_.get() + copied, static_cast<std::size_t>(there) - copied);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    copied += static_cast<std::size_t>(count);
  }
  return {bytes_.get(), copied};
}

}  // namespace workspaced::logs
