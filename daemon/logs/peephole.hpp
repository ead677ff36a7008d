// Looks at what is in a pipe without taking it out.
#pragma once

#include "os/unique_fd.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>

#include <cstddef>
#include <memory>
#include <string_view>

namespace workspaced::logs {

/// One per execution context: its buffer and its second pipe are shared by all logs.
class peephole final : public boost::asio::execution_context::service {
 public:
  static inline boost::asio::execution_context::id id;
  /// ext4 takes large writes into large folios, which saves a third of the CPU time.
  static constexpr std::size_t size = 256 * 1024;

  explicit peephole(boost::asio::execution_context& owner);
  [[nodiscard]] static peephole& of(const boost::asio::any_io_executor& executor);

  /// The first bytes of the pipe, `size` at most, which stay in it; valid until the next look. Empty when the
  /// pipe is, or when no second pipe can be had.
  [[nodiscard]] std::string_view look_into(int pipe);

 private:
  void shutdown() override {}

  std::unique_ptr<char[]> bytes_;
  os::unique_fd reading_;
  os::unique_fd writing_;
};

}  // namespace workspaced::logs
