// The lock that Claude Code takes around its own writes, npm's "proper-lockfile" convention: a directory
// <file>.lock, made by its holder and removed afterwards. A holder that lives keeps the directory's
// modification time fresh; one that has not moved for eleven seconds is dead and its lock may be taken.
#pragma once

#include "claude/failure.hpp"

#include <boost/asio/awaitable.hpp>

#include <sys/types.h>
#include <time.h>

#include <chrono>
#include <optional>
#include <string>

namespace workspaced::claude {

struct lock_timing {
  std::chrono::milliseconds wait{15'000};         ///< for all attempts together
  std::chrono::milliseconds stale_after{11'000};  ///< without a sign of life; Claude Code's own figure
  /// How long a lock that looks old by the wall clock must stay unchanged before it is taken: after a
  /// suspension everything looks old.
  std::chrono::milliseconds second_look{200};
};

/// What tells one lock directory from the next.
struct lock_sighting {
  ino_t inode = 0;
  timespec modified{};

  bool operator==(const lock_sighting& other) const {
    return inode == other.inode && modified.tv_sec == other.modified.tv_sec &&
           modified.tv_nsec == other.modified.tv_nsec;
  }
};

/// A lock that is held. It is never refreshed, so hold it for one synchronous piece of work only. The
/// destructor removes the directory, unless somebody has taken the lock over.
class config_lock {
 public:
  /// One attempt: nothing if somebody else holds it.
  static result<std::optional<config_lock>> try_take(const std::string& directory);

  config_lock(config_lock&& other) noexcept;
  config_lock& operator=(config_lock&&) = delete;
  ~config_lock();

  /// False once another program has taken the lock for stale and removed it.
  [[nodiscard]] bool still_ours() const;

 private:
  config_lock(std::string directory, lock_sighting made);

  std::string directory_;  ///< empty: nothing to release
  lock_sighting made_;
};

/// Takes the lock as soon as it is free or stale. Fails when time is up, when the directory cannot be made,
/// and as "cancelled" on terminal cancellation.
boost::asio::awaitable<result<config_lock>> take_lock(std::string directory, lock_timing timing);

}  // namespace workspaced::claude
