#include "logs/log_cursor.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace workspaced::logs {
namespace {

constexpr std::size_t step = 64 * 1024;

/// The bytes [from, to), or fewer when some are gone.
std::string text_between(log_cursor& cursor, std::uint64_t from, std::uint64_t to) {
  std::string text;
  cursor.seek(from);
  while (cursor.position() < to) {
    const log_piece piece = cursor.read(static_cast<std::size_t>(to - cursor.position()));
    if (piece.text.empty()) break;
    if (piece.lost != 0) text.clear();
    text += piece.text;
  }
  return text;
}

}  // namespace

log_piece log_cursor::read(std::size_t max_bytes) {
  log_piece piece;
  while (position_ < file_->end()) {
    if (!fd_) {
      part_ = file_->part_at(position_);
      if (position_ < part_.start) piece.lost += part_.start - position_;
      position_ = std::max(position_, part_.start);
      fd_ = file_->open_part(part_);
    }
    const std::uint64_t end = file_->end_of(part_);
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(max_bytes, end - std::min(end, position_)));
    piece.text.resize(wanted);
    const auto place = static_cast<off_t>(part_.offset + (position_ - part_.start));
    const bool readable = fd_ && wanted > 0 && !file_->is_cut(part_);
    const ssize_t count = readable ? ::pread(fd_.get(), piece.text.data(), wanted, place) : 0;
    if (count > 0) {
      piece.text.resize(static_cast<std::size_t>(count));
      position_ += piece.text.size();
      return piece;
    }
    // The end of this file: either of the part too, or the rest of the part is gone.
    piece.lost += end - std::min(end, position_);
    position_ = std::max(position_, end);
    fd_.reset();
  }
  piece.text.clear();
  return piece;
}

void log_cursor::seek(std::uint64_t position) {
  const bool same_file = position >= part_.start && position < file_->end_of(part_);
  if (!same_file) fd_.reset();
  position_ = position;
}

std::uint64_t start_of_last(const log_file& file, std::uint64_t lines, std::uint64_t max_bytes) {
  const std::uint64_t end = file.end();
  const std::uint64_t floor = std::max(file.begin(), end - std::min(end, max_bytes));
  std::uint64_t start = end;
  log_cursor cursor(file, end);
  for (std::uint64_t to = end; lines > 0 && to > floor;) {
    const std::uint64_t from = to - std::min<std::uint64_t>(step, to - floor);
    const std::string text = text_between(cursor, from, to);
    const std::uint64_t first = to - text.size();  // not `from` when others cut the file
    for (std::size_t end_of_line = text.rfind('\n'); end_of_line != std::string::npos;) {
      const std::uint64_t line = first + end_of_line + 1;
      if (line != end) {
        start = line;
        if (--lines == 0) return start;
      }
      if (end_of_line == 0) break;
      end_of_line = text.rfind('\n', end_of_line - 1);
    }
    if (first != from) return std::min(start, first);
    to = from;
  }
  if (lines == 0) return end;
  const bool whole_log = floor == file.begin();
  return whole_log || start == end ? floor : start;
}

std::string last_lines(const log_file& file, std::uint64_t lines, std::size_t max_bytes) {
  log_cursor cursor(file, file.end());
  return text_between(cursor, start_of_last(file, lines, max_bytes), file.end());
}

}  // namespace workspaced::logs
