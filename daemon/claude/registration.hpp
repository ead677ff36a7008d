// Tells a program about our servers by editing its configuration file; Claude Code's in the way Claude Code
// itself writes it: under its lock, from a fresh read, by an atomic rename. Older versions ignore the lock
// when they find it taken, and other programs know nothing of it, so what was written is read again a moment
// later and written again if it got lost. A file that cannot be read as JSON is never replaced.
#pragma once

#include "claude/config_lock.hpp"
#include "claude/entry.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace workspaced::claude {

enum class protection {
  locked_file,   ///< Claude Code's own: private, and its lock is taken
  private_file,  ///< another program's, which knows no lock
  shared_file,   ///< part of a checkout: for all to read, and its directory is not ours to make
};

/// A file of servers, such as Claude Code's user configuration.
struct location {
  std::string file;
  /// Where versions before `file` kept them. If this one exists, Claude Code uses it instead (2.1.197
  /// and 2.1.330).
  std::string older_file;
  claude::protection protection = claude::protection::locked_file;

  /// The one that is in use at this moment.
  [[nodiscard]] std::string active_file() const;
};

/// By $CLAUDE_CONFIG_DIR and $HOME, an empty value counting as unset; nothing if neither is set. `variable`
/// is as getenv.
std::optional<location> find_location(const std::function<const char*(const char*)>& variable);

struct registration_timing {
  lock_timing lock;
  std::chrono::milliseconds half_written{100};  ///< between attempts to read a file that does not parse
  std::chrono::milliseconds settle{50};         ///< after our write, before we look whether it stayed
};

struct outcome {
  enum class kind { unchanged, written, failed };

  kind what = kind::unchanged;
  std::string detail;   ///< for the log, without secrets; empty if there is nothing to say
  unsigned writes = 0;  ///< more than one: another program undid some
};

/// How entries stand in the file at this moment, one answer for each; a file that does not exist has none of
/// them.
result<std::vector<assessment>> assess(const location& where, const std::vector<set_entry>& wanted);

class registration {
 public:
  registration(boost::asio::any_io_executor executor, location where, registration_timing timing = {});
  registration(registration&&) noexcept;
  registration& operator=(registration&&) noexcept;
  ~registration();

  /// Makes the file agree with `changes`; one call after the other, in the order of the calls. Takes no lock
  /// and writes nothing if it agrees already. Only waiting is asynchronous: reading, writing and fsync hold
  /// the loop up. Never throws; terminal cancellation ends it as `failed` and leaves neither lock nor
  /// temporary file. May outlive this object.
  [[nodiscard]] boost::asio::awaitable<outcome> apply(std::vector<change> changes);

 private:
  struct shared;
  static boost::asio::awaitable<outcome> apply_in_turn(std::shared_ptr<shared> common,
                                                       std::vector<change> changes);

  std::shared_ptr<shared> shared_;
};

}  // namespace workspaced::claude
