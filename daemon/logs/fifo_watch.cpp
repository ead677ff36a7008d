#include "logs/fifo_watch.hpp"

#include <boost/asio/query.hpp>

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <utility>

namespace workspaced::logs {
namespace {

namespace asio = boost::asio;

constexpr std::size_t events_at_once = 64;

}  // namespace

fifo_watch& fifo_watch::of(const asio::any_io_executor& executor) {
  asio::execution_context& context = asio::query(executor, asio::execution::context);
  return asio::use_service<fifo_watch>(context);
}

result<std::uint64_t> fifo_watch::add(const asio::any_io_executor& executor, int fifo,
                                      std::function<void()> written) {
  if (!epoll_) {
    if (auto begun = begin(executor); !begun) return begun.error();
  }
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.u64 = ++last_number_;
  if (::epoll_ctl(epoll_->native_handle(), EPOLL_CTL_ADD, fifo, &event) != 0)
    return failure{"watch a FIFO", errno};
  watched_[last_number_] = std::move(written);
  return last_number_;
}

void fifo_watch::remove(std::uint64_t number, int fifo) {
  watched_.erase(number);
  if (epoll_) ::epoll_ctl(epoll_->native_handle(), EPOLL_CTL_DEL, fifo, nullptr);
}

void fifo_watch::shutdown() {
  epoll_.reset();
  watched_.clear();
}

result<void> fifo_watch::begin(const asio::any_io_executor& executor) {
  os::unique_fd fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!fd) return failure{"make an epoll instance", errno};
  epoll_.emplace(executor);
  boost::system::error_code error;
  epoll_->assign(fd.get(), error);
  if (error) {
    epoll_.reset();
    return failure{"watch an epoll instance", error.value()};
  }
  static_cast<void>(fd.release());
  wait();
  return {};
}

void fifo_watch::wait() {
  epoll_->async_wait(asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code& error) {
                       if (error) return;
                       tell();
                       if (epoll_) wait();
                     });
}

void fifo_watch::tell() {
  std::array<epoll_event, events_at_once> events;
  const int count = ::epoll_wait(epoll_->native_handle(), events.data(), events.size(), 0);
  for (int i = 0; i < count; ++i) {
    const auto place = watched_.find(events[static_cast<std::size_t>(i)].data.u64);
    if (place == watched_.end()) continue;
    const auto written = place->second;  // it may remove itself
    written();
  }
}

}  // namespace workspaced::logs
