#include "ctl/console.hpp"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace workspaced::ctl {
namespace {

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

console::console(sink out, sink error, terminal seen)
    : out_(std::move(out)), error_(std::move(error)), screen_(seen) {}

void console::print(std::string_view text) {
  if (!closed_ && !text.empty()) closed_ = !out_(text);
}

void console::complain(std::string_view text) { static_cast<void>(error_(text)); }

console open_console(bool no_color) {
  ::signal(SIGPIPE, SIG_IGN);
  terminal seen;
  seen.is_terminal = ::isatty(STDOUT_FILENO) == 1;
  winsize size{};
  if (seen.is_terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    if (size.ws_col > 0) seen.columns = size.ws_col;
    if (size.ws_row > 0) seen.rows = size.ws_row;
  }
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::string_view(kind) == "dumb";
  seen.colour = seen.is_terminal && !no_color && !is_set("NO_COLOR") && !dumb;
  return {[](std::string_view text) { return write_all(STDOUT_FILENO, text); },
          [](std::string_view text) { return write_all(STDERR_FILENO, text); }, seen};
}

}  // namespace workspaced::ctl
