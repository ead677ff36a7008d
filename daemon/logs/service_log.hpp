// What a service writes, from its FIFOs to its log file.
//
// stdout and stderr are FIFOs in `fifo_dir`. This end stays open for reading and writing, and every run opens
// the same FIFOs for itself: there never is an end-of-file, a daemon that dies takes no writer with it
// (SIGPIPE), and the next daemon finds what was written meanwhile.
//
// Both streams go to one file, whole lines at a time. The start of a line stays in the FIFO until its end
// comes, for at most `line_patience` and half of what the FIFO holds. Bytes go from the FIFO into the file
// without a stop in our memory: a daemon that is killed at any moment loses none and writes none twice. The
// FIFO itself is held by our end and by those who write; while no daemon runs and nobody writes, somebody
// else must hold it (`descriptors`).
#pragma once

#include "logs/fifo_watch.hpp"
#include "logs/log_file.hpp"
#include "os/unique_fd.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace workspaced::logs {

enum class stream { out, err };

struct service_log_options {
  std::string name;  ///< of the service: names the FIFOs, and marks messages about this log
  std::string file;  ///< absolute
  std::uint64_t max_size = 10'000'000;  ///< bytes; 0: no rotation
  unsigned keep = 5;                    ///< rotated files beside the current one
  std::string fifo_dir;                 ///< absolute; made with mode 0700 when missing
};

class service_log {
 public:
  /// The start of a line is visible in the file after this time even when its end has not come.
  static constexpr std::chrono::seconds line_patience{1};

  /// Opens file and FIFOs and starts to copy. The executor's context must outlive the log.
  [[nodiscard]] static result<std::unique_ptr<service_log>> open(boost::asio::any_io_executor executor,
                                                                 service_log_options options);
  service_log(boost::asio::any_io_executor executor, service_log_options options, log_file file);
  service_log(const service_log&) = delete;
  service_log& operator=(const service_log&) = delete;
  ~service_log();

  /// An end of the FIFO for one run: close-on-exec, blocking, as a process expects its stdout.
  [[nodiscard]] result<os::unique_fd> open_for_child(stream which);

  /// Our ends of the FIFOs, for whoever holds them besides us. Open until `close`.
  [[nodiscard]] std::vector<int> descriptors() const {
    return {channels_[0].fifo.get(), channels_[1].fifo.get()};
  }

  /// Everything that was written before is in the file when this returns, unfinished lines too. For the end
  /// of a run. Bounded: a process that escaped and writes on is not waited for.
  void drain();

  /// Ends the log for good: wakes its readers and deletes the FIFOs. The files stay. Without it, as when the
  /// daemon is replaced, the FIFOs stay for the next one.
  void close();

  /// Takes a new file or new limits. When the file cannot be opened the old one goes on and the daemon's log
  /// says so.
  void reconfigure(const std::string& file, std::uint64_t max_size, unsigned keep);

  /// Bytes that came from stdout and stderr since `open`.
  [[nodiscard]] std::array<std::uint64_t, 2> bytes() const {
    return {channels_[0].bytes, channels_[1].bytes};
  }
  /// Bytes that could not be written to the file since `open`.
  [[nodiscard]] std::uint64_t dropped() const { return file_.dropped(); }
  /// Why the file cannot be written at present, as a sentence; empty: it can.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  [[nodiscard]] const log_file& file() const { return file_; }

  /// Waits until the log is longer than `position` (true) or closed (false). A cancelled wait returns at once
  /// with what is true then. The log must live until it returns.
  [[nodiscard]] boost::asio::awaitable<bool> wait_beyond(std::uint64_t position);

 private:
  using clock = std::chrono::steady_clock;

  struct channel {
    os::unique_fd fifo;
    std::uint64_t watched = 0;  ///< its number there
    std::string path;
    std::optional<clock::time_point> held_since;  ///< the start of a line waits in it
    std::uint64_t bytes = 0;
    bool queued = false;  ///< its next turn is
    bool widened = false;
  };

  [[nodiscard]] result<void> connect(channel& to, const std::string& path);
  enum class lines { whole, all };

  void written(channel& from);
  [[nodiscard]] bool pump(channel& from, lines which, std::size_t budget);
  void hold_back(channel& from, bool same_line);
  void finish_cut_line();
  void mark(const channel& from);
  void widen(channel& from);
  void stop_watching(channel& from);
  void watch_held();
  void look_at_file();
  void report();

  boost::asio::any_io_executor executor_;
  service_log_options options_;
  log_file file_;
  std::array<channel, 2> channels_;
  os::unique_fd mark_;  ///< one byte: which stream was moved last
  char marked_ = 0;
  boost::asio::steady_timer patience_;  ///< armed only while a line is kept back
  bool patience_armed_ = false;
  boost::asio::steady_timer grown_;  ///< never expires: `cancel` wakes those who wait for more
  std::uint64_t announced_ = 0;
  clock::time_point looked_;
  std::string trouble_;  ///< why the file cannot be written; the daemon's log says so
  clock::time_point last_trouble_;
  std::uint64_t dropped_before_ = 0;
  bool closed_ = false;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);  ///< handlers outlive this object
};

}  // namespace workspaced::logs
