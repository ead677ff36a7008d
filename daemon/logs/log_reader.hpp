// `logs [-f] [-n]`: reads a service's log from a place on, and waits for more.
//
//   log_reader reader(log, log_reader::last(*log, 10));
//   do {
//     for (log_piece piece = reader.read(64 * 1024); !piece.text.empty(); piece = reader.read(64 * 1024))
//     …send it…
//   } while (follow && co_await reader.wait());
//
// A slow reader slows only itself: it reads files at its own pace and is told what it missed.
#pragma once

#include "logs/log_cursor.hpp"
#include "logs/service_log.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace workspaced::logs {

class log_reader {
 public:
  /// How far back `last` and `last_lines` look, bytes.
  static constexpr std::uint64_t longest_look_back = 8 * 1024 * 1024;

  log_reader(std::shared_ptr<service_log> log, std::uint64_t position);

  /// Where the last `lines` lines start; 0 lines: the end.
  [[nodiscard]] static std::uint64_t last(const service_log& log, std::uint64_t lines);

  /// The next bytes, at most `max_bytes`; empty when there is nothing yet.
  [[nodiscard]] log_piece read(std::size_t max_bytes) { return cursor_.read(max_bytes); }
  [[nodiscard]] std::uint64_t position() const { return cursor_.position(); }

  /// Waits until there is more (true) or the log is closed (false). Cancellation as in
  /// `service_log::wait_beyond`. The reader must live until it returns.
  [[nodiscard]] boost::asio::awaitable<bool> wait() { return log_->wait_beyond(position()); }

 private:
  std::shared_ptr<service_log> log_;
  log_cursor cursor_;
};

/// The last lines as text, for the report on a service that failed.
[[nodiscard]] std::string last_lines(const service_log& log, std::uint64_t lines, std::size_t max_bytes);

}  // namespace workspaced::logs
