// One at a time, first come, first served.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

namespace workspaced::claude {

class turn {
 public:
  /// Somebody's turn ends when this goes. It may outlive the `turn`.
  class held {
   public:
    held() = default;
    held(held&&) noexcept = default;
    held& operator=(held&&) = delete;
    ~held() {
      if (line_) line_->try_receive([](auto) {});
    }
    explicit operator bool() const { return line_ != nullptr; }

   private:
    friend class turn;
    using channel = boost::asio::experimental::channel<void(boost::system::error_code)>;
    explicit held(std::shared_ptr<channel> line) : line_(std::move(line)) {}

    std::shared_ptr<channel> line_;
  };

  explicit turn(const boost::asio::any_io_executor& executor)
      : line_(std::make_shared<held::channel>(executor, 1)) {}

  /// Waits for it; nothing on terminal cancellation.
  [[nodiscard]] boost::asio::awaitable<held> take() const { return take(line_); }

 private:
  static boost::asio::awaitable<held> take(std::shared_ptr<held::channel> line) {
    const auto [error] = co_await line->async_send(boost::system::error_code(),
                                                   boost::asio::as_tuple(boost::asio::use_awaitable));
    if (error) co_return held();
    co_return held(std::move(line));
  }

  /// Holds one message while somebody has his turn; the others wait to send theirs.
  std::shared_ptr<held::channel> line_;
};

}  // namespace workspaced::claude
