// Lines from a byte stream in pieces.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace workspaced::ctl {

class line_splitter {
 public:
  /// A line longer than this is passed on in parts, so that a service that never ends its line costs no
  /// memory.
  static constexpr std::size_t longest = 64 * 1024;

  /// Calls `on_line` with each line that `data` completes, without its newline.
  template <class OnLine>
  void feed(std::string_view data, OnLine on_line) {
    for (;;) {
      const auto end = data.find('\n');
      if (end == std::string_view::npos) break;
      if (rest_.empty()) {
        on_line(data.substr(0, end));
      } else {
        rest_ += data.substr(0, end);
        on_line(std::string_view(rest_));
        rest_.clear();
      }
      data.remove_prefix(end + 1);
    }
    rest_ += data;
    if (rest_.size() < longest) return;
    on_line(std::string_view(rest_));
    rest_.clear();
  }

  [[nodiscard]] std::string take_rest() { return std::exchange(rest_, {}); }

 private:
  std::string rest_;
};

}  // namespace workspaced::ctl
