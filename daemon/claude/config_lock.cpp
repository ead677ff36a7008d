#include "claude/config_lock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <utility>

namespace workspaced::claude {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Nothing if it is gone.
result<std::optional<lock_sighting>> look_at(const std::string& directory) {
  struct stat facts {};
  if (::lstat(directory.c_str(), &facts) != 0) {
    if (errno == ENOENT) return std::optional<lock_sighting>();
    return failure("look at the lock " + directory, errno);
  }
  if (!S_ISDIR(facts.st_mode)) return failure("take the lock " + directory, "not a directory; remove it");
  return std::optional<lock_sighting>({facts.st_ino, facts.st_mtim});
}

bool is_there(const std::string& directory, const lock_sighting& expected) {
  const auto now = look_at(directory);
  return now && *now == expected;
}

std::chrono::nanoseconds age(const lock_sighting& seen) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::chrono::seconds(now.tv_sec - seen.modified.tv_sec) +
         std::chrono::nanoseconds(now.tv_nsec - seen.modified.tv_nsec);
}

/// Watches a lock that somebody holds, attempt by attempt.
class holder {
 public:
  explicit holder(const lock_timing& timing) : timing_(timing) {}

  /// True if the lock seen now has been without a sign of life for long enough.
  bool dead(const lock_sighting& seen, steady_clock::time_point now) {
    if (last_ != seen) {
      last_ = seen;
      since_ = now;
    }
    const auto unchanged = now - since_;
    return unchanged >= timing_.stale_after ||
           (unchanged >= timing_.second_look && age(seen) >= timing_.stale_after);
  }

 private:
  lock_timing timing_;
  std::optional<lock_sighting> last_;
  steady_clock::time_point since_;
};

/// Claude Code holds its lock for a few milliseconds; random, so that two who wait do not stay in step.
milliseconds pause(unsigned attempt) {
  static std::minstd_rand source{std::random_device{}()};
  return milliseconds(
      std::uniform_int_distribution<int>(2, 10 * static_cast<int>(std::min(attempt + 1, 5U)))(source));
}

/// One attempt, after removing a dead holder's lock if there is one.
result<std::optional<config_lock>> attempt_lock(const std::string& directory, holder& other) {
  auto taken = config_lock::try_take(directory);
  if (!taken || *taken) return taken;
  const auto seen = look_at(directory);
  if (!seen) return seen.error();
  if (!*seen || !other.dead(**seen, steady_clock::now())) return taken;
  // Somebody else may have replaced the dead lock by a live one since: look again just before it goes.
  if (is_there(directory, **seen) && ::rmdir(directory.c_str()) != 0 && errno != ENOENT) {
    return failure("remove the stale lock " + directory, errno);
  }
  return config_lock::try_take(directory);
}

}  // namespace

config_lock::config_lock(std::string directory, lock_sighting made)
    : directory_(std::move(directory)), made_(made) {}

config_lock::config_lock(config_lock&& other) noexcept
    : directory_(std::exchange(other.directory_, {})), made_(other.made_) {}

config_lock::~config_lock() {
  if (!directory_.empty() && still_ours()) ::rmdir(directory_.c_str());
}

bool config_lock::still_ours() const { return is_there(directory_, made_); }

result<std::optional<config_lock>> config_lock::try_take(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0777) != 0) {
    if (errno == EEXIST) return std::optional<config_lock>();
    return failure("make the lock " + directory, errno);
  }
  const auto made = look_at(directory);
  if (!made) return made.error();
  if (!*made) return std::optional<config_lock>();
  return std::optional<config_lock>(config_lock(directory, **made));
}

asio::awaitable<result<config_lock>> take_lock(std::string directory, lock_timing timing) {
  const auto deadline = steady_clock::now() + timing.wait;
  asio::steady_timer timer(co_await asio::this_coro::executor);
  holder other(timing);
  for (unsigned attempt = 0;; ++attempt) {
    auto taken = attempt_lock(directory, other);
    if (!taken) co_return taken.error();
    if (*taken) co_return std::move(**taken);
    if (steady_clock::now() >= deadline) {
      co_return failure("take the lock " + directory,
                        "another program has held it for " + std::to_string(timing.wait.count()) +
                            " ms; if no Claude Code runs, remove the directory");
    }
    timer.expires_after(pause(attempt));
    const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) co_return failure("take the lock " + directory, "cancelled");
  }
}

}  // namespace workspaced::claude
