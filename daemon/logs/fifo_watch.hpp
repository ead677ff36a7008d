// Tells when something was written into a FIFO, also when something else waits in it already.
//
// Asio's own wait cannot: each wait on a descriptor that is readable ends at once, so the start of a line
// that is left in a FIFO until its end comes would keep the loop spinning. Here an epoll instance of our own
// counts the writes (EPOLLET), and Asio waits for that.
#pragma once

#include "logs/failure.hpp"
#include "os/unique_fd.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

namespace workspaced::logs {

/// One per execution context, for all logs.
class fifo_watch final : public boost::asio::execution_context::service {
 public:
  static inline boost::asio::execution_context::id id;

  explicit fifo_watch(boost::asio::execution_context& owner)
      : boost::asio::execution_context::service(owner) {}

  [[nodiscard]] static fifo_watch& of(const boost::asio::any_io_executor& executor);

  /// `written` is called from the loop after each write to the FIFO (several writes may be one call), and
  /// once for what is in it already. The number is for `remove`.
  [[nodiscard]] result<std::uint64_t> add(const boost::asio::any_io_executor& executor, int fifo,
                                          std::function<void()> written);
  /// Before the FIFO is closed. May be called from `written`.
  void remove(std::uint64_t number, int fifo);

 private:
  void shutdown() override;
  [[nodiscard]] result<void> begin(const boost::asio::any_io_executor& executor);
  void wait();
  void tell();

  std::optional<boost::asio::posix::stream_descriptor> epoll_;
  std::map<std::uint64_t, std::function<void()>> watched_;
  std::uint64_t last_number_ = 0;
};

}  // namespace workspaced::logs
