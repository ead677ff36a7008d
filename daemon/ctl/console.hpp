// Where workspacectl writes: standard output and error, and what is known about the terminal behind them.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace workspaced::ctl {

struct terminal {
  bool is_terminal = false;
  bool colour = false;
  std::size_t columns = 80;
  std::size_t rows = 24;
};

class console {
 public:
  /// Writes all of it; false when nobody reads any more.
  using sink = std::function<bool(std::string_view)>;

  console(sink out, sink error, terminal seen);

  void print(std::string_view text);
  void complain(std::string_view text);

  /// The reader of standard output has gone (`… | head`): further output is dropped, endless verbs end.
  [[nodiscard]] bool is_closed() const { return closed_; }
  [[nodiscard]] const terminal& screen() const { return screen_; }

 private:
  sink out_;
  sink error_;
  terminal screen_;
  bool closed_ = false;
};

/// The process's own standard output and error. Colour only on a terminal, unless `no_color`, $NO_COLOR (not
/// empty) or TERM=dumb say no. Ignores SIGPIPE from here on: a reader that has gone is told by `is_closed`.
[[nodiscard]] console open_console(bool no_color);

}  // namespace workspaced::ctl
