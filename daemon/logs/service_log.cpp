#include "logs/service_log.hpp"

#include "logs/daemon_log.hpp"
#include "logs/directories.hpp"
#include "logs/peephole.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace workspaced::logs {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t fast_writer = 16 * 1024;  // seen at once
// Then the loop and the other services have their turn.
constexpr std::size_t turn = 1024 * 1024;
// More than a pipe holds: what was written before is out of it by then.
constexpr std::size_t drain_limit = 2 * 1024 * 1024;
constexpr std::chrono::seconds look_interval{1};
// A full disk takes a few bytes now and then: that is not the end of the trouble.
constexpr std::chrono::seconds calm{10};

/// Up to the end of the last line.
std::string_view whole_lines(std::string_view text) {
  const std::size_t last = text.rfind('\n');
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

/// More than half of a pipe's size means that it may be full: two of its slots that follow each other hold
/// more than one page together, or the second would have been written into the first.
std::size_t most_held(int fifo) {
  const int size = ::fcntl(fifo, F_GETPIPE_SZ);
  return size > 0 ? static_cast<std::size_t>(size) / 2 : 0;
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
  log->mark_.reset(::open((fifo + ".last").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  log->finish_cut_line();
  return log;
}

service_log::service_log(asio::any_io_executor executor, service_log_options options, log_file file)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      file_(std::move(file)),
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
  to.fifo = std::move(fd);
  to.path = path;
  const auto number = fifo_watch::of(executor_).add(executor_, to.fifo.get(), [this, &to] { written(to); });
  if (!number) return number.error();
  to.watched = *number;
  return {};
}

service_log::~service_log() {
  for (channel& each : channels_) stop_watching(each);
}

void service_log::stop_watching(channel& from) {
  if (from.fifo) fifo_watch::of(executor_).remove(from.watched, from.fifo.get());
  from.fifo.reset();
}

result<os::unique_fd> service_log::open_for_child(stream which) {
  channel& to = channels_[which == stream::out ? 0 : 1];
  // By number rather than by name: the same pipe even when somebody cleaned the directory up.
  const std::string ours = "/proc/self/fd/" + std::to_string(to.fifo.get());
  os::unique_fd fd(::open(ours.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) fd.reset(::open(to.path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) return failure{"open FIFO " + to.path, errno};
  return fd;
}

/// A daemon that was killed while it moved lines may have cut one in two. The rest is what its FIFO begins
/// with, and goes before anything of the other stream.
void service_log::finish_cut_line() {
  if (!file_.mid_line() || !mark_) return;
  if (::pread(mark_.get(), &marked_, 1, 0) != 1) return;
  channel& cut = channels_[marked_ == 'e' ? 1 : 0];
  static_cast<void>(pump(cut, lines::whole, turn));
}

void service_log::mark(const channel& from) {
  const char which = &from == &channels_[1] ? 'e' : 'o';
  if (std::exchange(marked_, which) == which) return;
  // Without it a line that is cut may be continued by one of the other stream: no reason to stop.
  static_cast<void>(::pwrite(mark_.get(), &which, 1, 0) == 1);
}

void service_log::written(channel& from) {
  if (from.queued) return;
  const bool empty = pump(from, lines::whole, turn);
  report();
  if (empty) return;
  // The others have their turn first; nobody would tell us again of what is in there now.
  from.queued = true;
  asio::post(executor_, [this, &from, alive = std::weak_ptr<const int>(alive_)] {
    if (alive.expired() || closed_) return;
    from.queued = false;
    written(from);
  });
}

/// Moves what is in the FIFO until only the start of a line is left (true), or about `budget` bytes are done.
bool service_log::pump(channel& from, lines which, std::size_t budget) {
  look_at_file();
  const int fifo = from.fifo.get();
  std::size_t done = 0;
  bool moved = false;
  while (done < budget) {
    const std::string_view seen = peephole::of(executor_).look_into(fifo);
    const std::string_view whole = whole_lines(seen);
    const bool all = which == lines::all || seen.size() - whole.size() > most_held(fifo);
    const std::string_view now = all ? seen : whole;
    if (!now.empty()) {
      mark(from);
      file_.move(fifo, now);
      moved = true;
      from.bytes += now.size();
      done += now.size();
    }
    if (!now.empty() && seen.size() >= fast_writer) continue;  // there may be more by now
    if (now.size() == seen.size()) {
      from.held_since.reset();
    } else {
      hold_back(from, !moved);
    }
    return true;
  }
  widen(from);
  return false;
}

/// Who fills a turn gets a bigger pipe, once: fewer wake-ups. Only they, for an unprivileged user has 64 MiB
/// of pipes in all, and beyond that every new pipe is a tiny one (pipe(7), pipe-user-pages-soft).
void service_log::widen(channel& from) {
  if (std::exchange(from.widened, true)) return;
  ::fcntl(from.fifo.get(), F_SETPIPE_SZ, static_cast<int>(peephole::size));
}

void service_log::hold_back(channel& from, bool same_line) {
  if (!same_line || !from.held_since) from.held_since = clock::now();
  watch_held();
}

void service_log::watch_held() {
  if (std::exchange(patience_armed_, true)) return;
  clock::time_point oldest = clock::time_point::max();
  for (const channel& each : channels_) {
    if (each.held_since) oldest = std::min(oldest, *each.held_since);
  }
  patience_.expires_at(oldest + line_patience);
  patience_.async_wait([this, alive = std::weak_ptr<const int>(alive_)](error_code error) {
    if (error || alive.expired() || closed_) return;
    patience_armed_ = false;
    for (channel& each : channels_) {
      if (!each.held_since) continue;
      const bool not_yet = *each.held_since + line_patience > clock::now();
      if (not_yet || !pump(each, lines::all, turn)) watch_held();
    }
    report();
  });
}

void service_log::drain() {
  if (closed_) return;
  for (channel& each : channels_) static_cast<void>(pump(each, lines::whole, drain_limit));
  for (channel& each : channels_) static_cast<void>(pump(each, lines::all, drain_limit));
  report();
}

void service_log::close() {
  if (closed_) return;
  drain();
  closed_ = true;
  for (channel& each : channels_) {
    stop_watching(each);
    ::unlink(each.path.c_str());
  }
  ::unlink((options_.fifo_dir + "/" + options_.name + ".last").c_str());
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
    if (!std::exchange(trouble_, trouble->message()).empty()) return;
    error(trouble_ + "; the service runs on, and its log is tried again with every write", options_.name);
  } else if (!trouble_.empty() && clock::now() - last_trouble_ > calm) {
    trouble_.clear();
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
