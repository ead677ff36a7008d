#include "logs/log_file.hpp"

#include "logs/directories.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace workspaced::logs {
namespace {

bool exists(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0;
}

/// Takes bytes out of a pipe that are known to be in it.
void discard(int pipe, std::size_t size) {
  std::array<char, 16 * 1024> away;
  while (size > 0) {
    const ssize_t count = ::read(pipe, away.data(), std::min(size, away.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    size -= static_cast<std::size_t>(count);
  }
}

bool ends_inside_a_line(const std::string& path, std::uint64_t size) {
  if (size == 0) return false;
  const os::unique_fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  char last = '\n';
  return fd && ::pread(fd.get(), &last, 1, static_cast<off_t>(size - 1)) == 1 && last != '\n';
}

std::uint64_t size_of(const struct stat& file) { return static_cast<std::uint64_t>(file.st_size); }

}  // namespace

std::size_t fitting(std::string_view block, std::uint64_t size, std::uint64_t max_size, bool mid_line) {
  const std::uint64_t room = max_size > size ? max_size - size : 0;
  if (block.size() <= room) return block.size();
  if (room == 0) return 0;
  const std::size_t last = block.substr(0, room).rfind('\n');
  if (last != std::string_view::npos) return last + 1;
  if (mid_line) return room;
  const std::size_t first = block.find('\n');
  const std::size_t line = first == std::string_view::npos ? block.size() : first + 1;
  return line <= max_size && size > 0 ? 0 : room;
}

result<log_file> log_file::open(std::string path, rotation limits) {
  log_file log(std::move(path), limits);
  log.adopt_rotated();
  if (auto attached = log.attach(log.path_, old_content::counts); !attached) return attached.error();
  return log;
}

/// Files that an earlier daemon left: positions start with the oldest.
void log_file::adopt_rotated() {
  unsigned oldest = 0;
  while (oldest < limits_.keep && exists(rotated(oldest + 1))) ++oldest;
  for (unsigned number = oldest; number > 0; --number) {
    struct stat found {};
    if (::lstat(rotated(number).c_str(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
    begin_part(0, found.st_dev, found.st_ino);
    end_ += size_of(found);
  }
}

/// Makes what is at `path` the current file. Content of a file that turns up under a running log is hidden
/// from readers: it would stand between lines that they have seen.
result<void> log_file::attach(const std::string& path, old_content content) {
  if (auto made = make_directories(directory_of(path), 0755); !made) return made;
  // No O_APPEND: splice(2) refuses it, so each write names its place. O_NONBLOCK is for what is not a regular
  // file: a FIFO without a reader must not stop the daemon.
  os::unique_fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640));
  struct stat found {};
  if (!fd || ::fstat(fd.get(), &found) != 0) return failure{"open " + path, errno};
  fd_ = std::move(fd);
  regular_ = S_ISREG(found.st_mode);
  splices_ = regular_;
  size_ = regular_ ? size_of(found) : 0;
  mid_line_ = content == old_content::counts && ends_inside_a_line(path, size_);
  begin_part(content == old_content::counts ? 0 : size_, found.st_dev, found.st_ino);
  if (content == old_content::counts) end_ += size_;
  return {};
}

void log_file::attach_anew() {
  misplaced_.reset();
  if (auto attached = attach(path_, old_content::hidden); !attached) misplaced_ = attached.error();
}

void log_file::begin_part(std::uint64_t offset, dev_t device, ino_t inode) {
  // The same inode again: the older file is gone, and the file system gave its number to this one.
  std::erase_if(parts_, [&](const log_part& part) { return part.device == device && part.inode == inode; });
  parts_.push_back({++parts_begun_, end_, offset, device, inode});
  while (parts_.size() > std::size_t{limits_.keep} + 1) parts_.pop_front();
}

void log_file::write(std::string_view block) { take(block, -1); }

void log_file::move(int pipe, std::string_view block) { take(block, pipe); }

void log_file::take(std::string_view block, int pipe) {
  if (block.empty()) return;  // it proves nothing about `trouble_`
  trouble_.reset();
  while (!block.empty()) {
    std::size_t now = block.size();
    if (regular_ && limits_.max_size != 0) now = fitting(block, size_, limits_.max_size, mid_line_);
    if (now == 0) {
      if (rotate()) continue;
      now = block.size();  // better a file that is too long than a hole in the log
    }
    put(block.substr(0, now), pipe);
    block.remove_prefix(now);
  }
}

void log_file::put(std::string_view block, int pipe) {
  struct stat found {};
  if (regular_ && ::fstat(fd_.get(), &found) == 0) follow(found);
  while (!block.empty()) {
    const ssize_t count = put_some(block, pipe);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      trouble_ = failure{"write " + path_, errno};
      dropped_ += block.size();
      if (pipe >= 0) discard(pipe, block.size());
      return;
    }
    const auto written = static_cast<std::size_t>(count);
    size_ += written;
    end_ += written;
    mid_line_ = block[written - 1] != '\n';
    block.remove_prefix(written);
  }
}

/// As write(2), at the end of the file.
ssize_t log_file::put_some(std::string_view block, int pipe) {
  if (pipe >= 0 && splices_) {
    auto place = static_cast<off_t>(size_);
    const ssize_t count = ::splice(pipe, nullptr, fd_.get(), &place, block.size(), SPLICE_F_NONBLOCK);
    if (count >= 0 || errno != EINVAL) return count;
    splices_ = false;
  }
  const ssize_t count = regular_ ? ::pwrite(fd_.get(), block.data(), block.size(), static_cast<off_t>(size_))
                                 : ::write(fd_.get(), block.data(), block.size());
  if (count > 0 && pipe >= 0) discard(pipe, static_cast<std::size_t>(count));
  return count;
}

bool log_file::is_current(const struct stat& found) const {
  return found.st_dev == parts_.back().device && found.st_ino == parts_.back().inode;
}

void log_file::look() {
  if (!regular_) return;
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0 || !is_current(found)) return attach_anew();
  follow(found);
}

/// What others did to the current file: what they appended is part of the log now.
void log_file::follow(const struct stat& found) {
  const std::uint64_t size = size_of(found);
  if (size > size_) end_ += size - size_;
  const bool truncated = size < size_;
  size_ = size;
  if (truncated) begin_part(size_, found.st_dev, found.st_ino);
}

/// True when there is room in the current file now. The new file is opened first, so that a failure at any
/// step leaves a current file to write to.
bool log_file::rotate() {
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0 || !is_current(found)) {
    const std::uint64_t before = parts_begun_;
    attach_anew();
    return parts_begun_ != before;
  }
  const std::string next = path_ + ".new";
  ::unlink(next.c_str());
  os::unique_fd fd(::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
  if (!fd || ::fstat(fd.get(), &found) != 0) return give_up("open " + next);
  make_room_for_rotated();
  const int moved = limits_.keep == 0 ? ::unlink(path_.c_str()) : ::rename(path_.c_str(), rotated(1).c_str());
  if (moved != 0 || ::rename(next.c_str(), path_.c_str()) != 0) {
    const bool failed = give_up("rotate " + path_);
    ::unlink(next.c_str());
    return failed;
  }
  fd_ = std::move(fd);
  size_ = 0;
  mid_line_ = false;
  begin_part(0, found.st_dev, found.st_ino);
  return true;
}

/// Frees `<path>.1`. Only up to the first gap: a rotation that failed halfway must not push out a file each
/// time it is tried again. The oldest is unlinked, not replaced: ext4 writes a file to the disk when it is
/// renamed over another one (auto_da_alloc), which halves the speed and stops the loop meanwhile.
void log_file::make_room_for_rotated() const {
  if (limits_.keep == 0) return;
  unsigned free = 1;
  while (free < limits_.keep && exists(rotated(free))) ++free;
  ::unlink(rotated(free).c_str());
  for (; free > 1; --free) ::rename(rotated(free - 1).c_str(), rotated(free).c_str());
}

/// Says that something failed; the answer is `rotate`'s.
bool log_file::give_up(std::string attempt) {
  trouble_ = failure{std::move(attempt), errno};
  return false;
}

result<void> log_file::reconfigure(const std::string& path, rotation limits) {
  if (path != path_) {
    if (auto attached = attach(path, old_content::hidden); !attached) return attached;
    path_ = path;
    parts_.erase(parts_.begin(), parts_.end() - 1);
  } else {
    for (unsigned number = limits.keep + 1; number <= limits_.keep; ++number) {
      ::unlink(rotated(number).c_str());
    }
  }
  limits_ = limits;
  return {};
}

const log_part& log_file::part_at(std::uint64_t position) const {
  const auto after = std::find_if(parts_.begin(), parts_.end(),
                                  [position](const log_part& part) { return part.start > position; });
  return after == parts_.begin() ? parts_.front() : *(after - 1);
}

std::uint64_t log_file::end_of(const log_part& part) const {
  const auto next = std::find_if(parts_.begin(), parts_.end(),
                                 [&part](const log_part& other) { return other.number > part.number; });
  return next == parts_.end() ? end_ : next->start;
}

bool log_file::is_cut(const log_part& part) const {
  return std::any_of(parts_.begin(), parts_.end(), [&part](const log_part& other) {
    return other.number > part.number && other.device == part.device && other.inode == part.inode;
  });
}

os::unique_fd log_file::open_part(const log_part& part) const {
  for (unsigned number = 0; number <= limits_.keep; ++number) {
    const std::string& path = number == 0 ? path_ : rotated(number);
    os::unique_fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat found {};
    if (fd && ::fstat(fd.get(), &found) == 0 && found.st_dev == part.device && found.st_ino == part.inode) {
      return fd;
    }
  }
  return {};
}

}  // namespace workspaced::logs
