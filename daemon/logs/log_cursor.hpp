// Reading a log while it grows and rotates. A cursor holds one file open, and that file until it has read it
// to its end, however often it is rotated meanwhile; nothing is queued for it anywhere.
#pragma once

#include "logs/log_file.hpp"

#include <cstdint>
#include <string>

namespace workspaced::logs {

struct log_piece {
  std::string text;        ///< empty: there is nothing yet
  std::uint64_t lost = 0;  ///< bytes before `text` that were rotated away (or cut off by others) unread
};

class log_cursor {
 public:
  /// `file` must outlive the cursor.
  log_cursor(const log_file& file, std::uint64_t position) : file_(&file), position_(position) {}

  /// The next bytes, `max_bytes` at most, from one file only. Blocks for the disk, never for the writer.
  [[nodiscard]] log_piece read(std::size_t max_bytes);

  [[nodiscard]] std::uint64_t position() const { return position_; }
  void seek(std::uint64_t position);

 private:
  const log_file* file_;
  std::uint64_t position_;
  log_part part_;
  os::unique_fd fd_;
};

/// Where the last `lines` lines start; an unfinished line counts as one. Looks at the last `max_bytes` bytes
/// only, and starts with a whole line if there is one in them.
[[nodiscard]] std::uint64_t start_of_last(const log_file& file, std::uint64_t lines, std::uint64_t max_bytes);

/// The last `lines` lines as text, `max_bytes` at most.
[[nodiscard]] std::string last_lines(const log_file& file, std::uint64_t lines, std::size_t max_bytes);

}  // namespace workspaced::logs
