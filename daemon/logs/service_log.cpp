#include "logs/service_log.hpp"

#include "logs/daemon_log.hpp"
#include "logs/directories.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace workspaced::logs {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// 256 KiB at a time: ext4 takes large writes into large folios, which saves a third of the CPU time.
constexpr std::size_t read_size = 256 * 1024;
constexpr ssize_t fast_read = 16 * 1024;
// Then the loop and the other services have their turn.
constexpr std::size_t turn = 1024 * 1024;
// More than a pipe holds: what was written before is out of it by then.
constexpr std::size_t drain_limit = 4 * 1024 * 1024;
constexpr std::chrono::seconds look_interval{1};
// A full disk takes a few bytes now and then: that is not the end of the trouble.
constexpr std::chrono::seconds calm{10};

/// One per execution context. Room for the start of a line lies in front of the place for fresh bytes, so
/// that a line and its start are written at once.
class copy_buffer final : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;

  explicit copy_buffer(asio::execution_context& owner) : asio::execution_context::service(owner) {}
  /// Where fresh bytes go; `service_log::max_held` bytes before it are usable too.
  [[nodiscard]] char* fresh() { return bytes_.get() + service_log::max_held; }

 private:
  void shutdown() override {}
  std::unique_ptr<char[]> bytes_{new char[service_log::max_held + read_size]};
};

char* shared_buffer(const asio::any_io_executor& executor) {
  asio::execution_context& context = asio::query(executor, asio::execution::context);
  return asio::use_service<copy_buffer>(context).fresh();
}

/// Reads what is there, `size` bytes at most. A short read has emptied the pipe; asking again is worth it
/// only when the writer is fast, otherwise the next wait tells.
std::size_t read_available(int fd, char* to, std::size_t size) {
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t count = ::read(fd, to + filled, size - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    filled += static_cast<std::size_t>(count);
    if (count < fast_read) break;
  }
  return filled;
}

/// How much of [begin, end) may be written: up to the last line's end, which is not before `fresh`; all of it
/// when what is left would be too long to keep.
const char* end_of_lines(const char* begin, const char* fresh, const char* end) {
  const void* last = ::memrchr(fresh, '\n', static_cast<std::size_t>(end - fresh));
  const char* cut = last == nullptr ? begin : static_cast<const char*>(last) + 1;
  return static_cast<std::size_t>(end - cut) > service_log::max_held ? end : cut;
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

result<std::unique_ptr<service_log>> service_log::open(asio::any_io_executor executor,
                                                       service_log_options options) {
  if (auto made = make_directories(options.fifo_dir, 0700); !made) return made.error();
  auto file = log_file::open(options.file, {options.max_size, options.keep});
  if (!file) return file.error();
  const std::string fifo = options.fifo_dir + "/" + options.name;
  auto log = std::make_unique<service_log>(std::move(executor), std::move(options), std::move(*file));
  if (auto done = log->connect(log->channels_[0], fifo + ".out"); !done) return done.error();
  if (auto done = log->connect(log->channels_[1], fifo + ".err"); !done) return done.error();
  return log;
}

service_log::service_log(asio::any_io_executor executor, service_log_options options, log_file file)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      file_(std::move(file)),
      channels_{channel(executor_), channel(executor_)},
      patience_(executor_),
      grown_(executor_, clock::time_point::max()),
      announced_(file_.end()),
      looked_(clock::now()) {}

result<void> service_log::connect(channel& to, const std::string& path) {
  if (::mkfifo(path.c_str(), 0600) != 0 && errno != EEXIST) return failure{"create FIFO " + path, errno};
  os::unique_fd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
  struct stat found {};
  if (!fd || ::fstat(fd.get(), &found) != 0) return failure{"open FIFO " + path, errno};
  if (!S_ISFIFO(found.st_mode)) return failure{"use " + path + " as a FIFO", EEXIST};
  error_code error;
  to.fifo.assign(fd.get(), error);
  if (error) return failure{"watch FIFO " + path, error.value()};
  static_cast<void>(fd.release());
  to.path = path;
  arm(to);
  return {};
}

result<os::unique_fd> service_log::open_for_child(stream which) {
  channel& to = channels_[which == stream::out ? 0 : 1];
  // By number rather than by name: the same pipe even when somebody cleaned the directory up.
  const std::string ours = "/proc/self/fd/" + std::to_string(to.fifo.native_handle());
  os::unique_fd fd(::open(ours.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) fd.reset(::open(to.path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) return failure{"open FIFO " + to.path, errno};
  return fd;
}

void service_log::arm(channel& from) {
  from.fifo.async_wait(asio::posix::stream_descriptor::wait_read,
                       [this, &from, alive = std::weak_ptr<const int>(alive_)](error_code error) {
                         if (error || alive.expired() || closed_) return;
                         pump(from, turn);
                         report();
                         arm(from);
                       });
}

/// Copies until the FIFO is empty or about `budget` bytes are done. A short read has emptied it (pipe_read in
/// Linux).
void service_log::pump(channel& from, std::size_t budget) {
  look_at_file();
  char* const fresh = shared_buffer(executor_);
  const char* begin = fresh - from.held.size();
  from.held.copy(fresh - from.held.size(), from.held.size());
  bool empty = false;
  bool new_line = from.held.empty();
  for (std::size_t done = 0; done < budget && !empty;) {
    const std::size_t count = read_available(from.fifo.native_handle(), fresh, read_size);
    empty = count < read_size;
    done += count;
    from.bytes += count;
    const char* const end = fresh + count;
    const char* const cut = end_of_lines(begin, fresh, end);
    if (cut != begin) {
      file_.write(between(begin, cut));
      new_line = true;
    }
    begin = fresh - (end - cut);
    std::memmove(fresh - (end - cut), cut, static_cast<std::size_t>(end - cut));
  }
  if (!empty) widen(from);
  if (new_line) from.held_since = clock::now();
  keep_back(from, between(begin, fresh));
}

/// Who fills a turn gets a bigger pipe, once: fewer wake-ups. Only they, for an unprivileged user has 64 MiB
/// of pipes in all, and beyond that every new pipe is a tiny one (pipe(7), pipe-user-pages-soft).
void service_log::widen(channel& from) {
  if (std::exchange(from.widened, true)) return;
  ::fcntl(from.fifo.native_handle(), F_SETPIPE_SZ, static_cast<int>(read_size));
}

void service_log::keep_back(channel& from, std::string_view start_of_line) {
  if (start_of_line.empty()) {
    std::string().swap(from.held);
    return;
  }
  from.held.assign(start_of_line);
  watch_held();
}

void service_log::release(channel& from) {
  file_.write(from.held);
  std::string().swap(from.held);
}

void service_log::watch_held() {
  if (std::exchange(patience_armed_, true)) return;
  clock::time_point oldest = clock::time_point::max();
  for (const channel& each : channels_) {
    if (!each.held.empty()) oldest = std::min(oldest, each.held_since);
  }
  patience_.expires_at(oldest + line_patience);
  patience_.async_wait([this, alive = std::weak_ptr<const int>(alive_)](error_code error) {
    if (error || alive.expired() || closed_) return;
    patience_armed_ = false;
    for (channel& each : channels_) {
      if (each.held.empty()) continue;
      if (each.held_since + line_patience <= clock::now()) {
        release(each);
      } else {
        watch_held();
      }
    }
    report();
  });
}

void service_log::drain() {
  if (closed_) return;
  for (channel& each : channels_) pump(each, drain_limit);
  for (channel& each : channels_) release(each);
  report();
}

void service_log::close() {
  if (closed_) return;
  drain();
  closed_ = true;
  for (channel& each : channels_) {
    error_code ignored;
    each.fifo.close(ignored);
    ::unlink(each.path.c_str());
  }
  patience_.cancel();
  grown_.cancel();
}

void service_log::reconfigure(const std::string& file, std::uint64_t max_size, unsigned keep) {
  if (auto done = file_.reconfigure(file, {max_size, keep}); !done) {
    error(done.error().message() + "; its log stays at " + file_.path(), options_.name);
  }
}

void service_log::look_at_file() {
  const clock::time_point now = clock::now();
  if (now - looked_ < look_interval) return;
  looked_ = now;
  file_.look();
}

/// Tells the readers that there is more, and the daemon's log when the file cannot be written or can again.
void service_log::report() {
  if (std::exchange(announced_, file_.end()) != announced_) grown_.cancel();
  if (const auto& trouble = file_.trouble()) {
    last_trouble_ = clock::now();
    if (std::exchange(in_trouble_, true)) return;
    error(trouble->message() + "; the service runs on, and its log is tried again with every write",
          options_.name);
  } else if (in_trouble_ && clock::now() - last_trouble_ > calm) {
    in_trouble_ = false;
    const std::uint64_t lost = file_.dropped() - std::exchange(dropped_before_, file_.dropped());
    info("its log is written again; " + std::to_string(lost) + " bytes were lost", options_.name);
  }
}

asio::awaitable<bool> service_log::wait_beyond(std::uint64_t position) {
  while (!closed_ && file_.end() <= position) {
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) break;
    co_await grown_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_return file_.end() > position;
}

}  // namespace workspaced::logs
