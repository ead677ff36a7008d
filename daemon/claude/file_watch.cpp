#include "claude/file_watch.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/inotify.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <utility>

namespace workspaced::claude {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr std::uint32_t interesting =
    IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;
/// What is not about a name in the directory, but about the watch itself.
constexpr std::uint32_t about_us = IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

file_watch::file_watch(const asio::any_io_executor& executor) : events_(executor) {
  const int fd = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (fd >= 0) events_.assign(fd);
}

void file_watch::look_at(const std::vector<std::string>& files) {
  if (!works()) return;
  const auto before = std::exchange(names_, {});
  for (const std::string& file : files) {
    add(file);
    std::error_code error;
    if (!fs::is_symlink(file, error)) continue;
    const fs::path target = fs::weakly_canonical(file, error);
    if (!error) add(target.string());
  }
  for (const auto& [watch, names] : before) {
    if (!names_.contains(watch)) ::inotify_rm_watch(events_.native_handle(), watch);
  }
}

/// Looks for the file in its directory, or for the first part of the way to it in the last that is there.
void file_watch::add(const std::string& file) {
  for (fs::path part = file; part.has_relative_path(); part = part.parent_path()) {
    const int watch = ::inotify_add_watch(events_.native_handle(), part.parent_path().c_str(), interesting);
    if (watch < 0) continue;
    names_[watch].insert(part.filename().string());
    return;
  }
}

bool file_watch::concerns_us(std::string_view events) const {
  while (events.size() >= sizeof(inotify_event)) {
    inotify_event one{};
    std::memcpy(&one, events.data(), sizeof one);
    const char* const name = events.data() + sizeof one;  // padded with NUL
    const auto place = names_.find(one.wd);
    const bool named = one.len > 0 && place != names_.end() &&
                       place->second.contains(std::string(name, ::strnlen(name, one.len)));
    if (named || (one.mask & about_us) != 0) return true;
    events.remove_prefix(std::min(sizeof one + one.len, events.size()));
  }
  return false;
}

asio::awaitable<boost::system::error_code> file_watch::changed() {
  std::array<char, 16 * 1024> buffer{};
  for (;;) {
    const auto [error, size] =
        co_await events_.async_read_some(asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
    if (error) co_return error;
    if (concerns_us(std::string_view(buffer.data(), size))) co_return error;
  }
}

}  // namespace workspaced::claude
