// One log: an append-only file with its rotated predecessors `<path>.1` (youngest) to `<path>.<keep>`.
//
// The log is one stream of bytes with positions that only grow, from the oldest file found at open to the
// last byte written. Files are windows on it (`log_part`). What somebody else does to the file (delete, move,
// truncate, append) is noticed by `look` and at rotation, and never stops the writing.
//
// No byte is lost or doubled by a rotation: the files, oldest first, are the last bytes of the stream. A file
// never grows beyond `max_size`; it ends with a whole line unless a single line is longer than that.
#pragma once

#include "logs/failure.hpp"
#include "os/unique_fd.hpp"

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace workspaced::logs {

struct rotation {
  std::uint64_t max_size = 10'000'000;  ///< bytes; 0: never rotate
  unsigned keep = 5;                    ///< rotated files beside the current one

  bool operator==(const rotation&) const = default;
};

/// The log's bytes from `start` on are the bytes from `offset` on of one file, until the next part starts.
struct log_part {
  std::uint64_t number = 0;  ///< grows with every part
  std::uint64_t start = 0;
  std::uint64_t offset = 0;
  dev_t device = 0;
  ino_t inode = 0;
};

/// How much of `block` goes into a file of `size` bytes so that it stays within `max_size` (not 0) and lines
/// stay whole where they can; 0: rotate first. `mid_line`: the file ends inside a line already.
[[nodiscard]] std::size_t fitting(std::string_view block, std::uint64_t size, std::uint64_t max_size,
                                  bool mid_line);

class log_file {
 public:
  /// Opens or creates the file (0640) and its directories (0755). What is in it stays and counts as its size.
  /// A file that is not regular (/dev/null) is written, but never rotated nor read.
  [[nodiscard]] static result<log_file> open(std::string path, rotation limits);

  /// Appends, rotating as needed. Never blocks for space and never fails: what cannot be written is counted
  /// by `dropped`, and `trouble` says why until it works again.
  void write(std::string_view block);

  /// The same for the next `block.size()` bytes of a pipe, of which `block` is a copy. They go from the pipe
  /// into the file by splice(2), which has no moment in between: whenever we are killed, each byte is in the
  /// one or in the other. Bytes that cannot be written are taken out of the pipe all the same.
  void move(int pipe, std::string_view block);

  /// Notices what others did to the file, for one stat: a deleted or moved file is made anew.
  void look();

  /// New limits, and a new file when the path differs; on failure everything stays as it was. Rotated files
  /// beyond a smaller `keep` are deleted.
  [[nodiscard]] result<void> reconfigure(const std::string& path, rotation limits);

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Position after the last byte.
  [[nodiscard]] std::uint64_t end() const { return end_; }
  /// Position of the first byte that still is in a file.
  [[nodiscard]] std::uint64_t begin() const { return parts_.front().start; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
  /// The current file ends inside a line.
  [[nodiscard]] bool mid_line() const { return mid_line_; }
  [[nodiscard]] const std::optional<failure>& trouble() const { return misplaced_ ? misplaced_ : trouble_; }

  /// The part that holds `position`, or the first one when it is older than all.
  [[nodiscard]] const log_part& part_at(std::uint64_t position) const;
  /// Where the next part that still is there begins; `end()` when there is none.
  [[nodiscard]] std::uint64_t end_of(const log_part& part) const;
  /// Somebody cut the file of this part and it grew again: what stands there now is of another part.
  [[nodiscard]] bool is_cut(const log_part& part) const;
  /// Opens the file of a part for reading; empty when it is gone.
  [[nodiscard]] os::unique_fd open_part(const log_part& part) const;

 private:
  log_file(std::string path, rotation limits) : path_(std::move(path)), limits_(limits) {}

  enum class old_content { counts, hidden };

  void adopt_rotated();
  [[nodiscard]] result<void> attach(const std::string& path, old_content found);
  void attach_anew();
  void begin_part(std::uint64_t offset, dev_t device, ino_t inode);
  void take(std::string_view block, int pipe);
  void put(std::string_view block, int pipe);
  [[nodiscard]] ssize_t put_some(std::string_view block, int pipe);
  void follow(const struct stat& found);
  bool rotate();
  [[nodiscard]] bool is_current(const struct stat& found) const;
  void make_room_for_rotated() const;
  bool give_up(std::string attempt);
  [[nodiscard]] std::string rotated(unsigned number) const { return path_ + "." + std::to_string(number); }

  std::string path_;
  rotation limits_;
  os::unique_fd fd_;
  bool regular_ = true;
  bool splices_ = true;  ///< its file system takes bytes from pipes
  bool mid_line_ = false;
  std::uint64_t size_ = 0;  ///< of the current file
  std::uint64_t end_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t parts_begun_ = 0;
  std::optional<failure> trouble_;  ///< of the last write
  std::optional<failure>
      misplaced_;               ///< the current file is not at `path_`, and no new one can be made there
  std::deque<log_part> parts_;  ///< oldest first; the last one is the current file
};

}  // namespace workspaced::logs
