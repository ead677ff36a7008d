// Server-sent events (WHATWG HTML 9.2.6) as text that is passed on. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::mcp {

/// One event as bytes, with the empty line that ends it.
[[nodiscard]] std::string event_text(std::string_view data);

/// The comment that keeps a connection open and means nothing.
inline constexpr std::string_view keep_alive = ": keep-alive\n\n";

/// Cuts a stream into events without changing a byte of it.
class event_splitter {
 public:
  struct piece {
    std::string bytes;
    bool whole = true;  ///< an event from its start to its end; else a part of one that is longer than `most`

    /// The data lines of a whole event, joined by '\n'; nothing when it has none (a comment, a bare id).
    [[nodiscard]] std::optional<std::string> data() const;
  };

  /// Events longer than `most` bytes are handed on in parts, as they come.
  explicit event_splitter(std::size_t most) : most_(most) {}

  /// What `bytes` completes, in order.
  [[nodiscard]] std::vector<piece> feed(std::string_view bytes);

  /// Bytes of an event that has begun and was not handed on: they belong to nobody when the stream ends here.
  [[nodiscard]] std::size_t unfinished() const { return held_.size(); }
  /// Within an event of which a part was handed on.
  [[nodiscard]] bool inside_long_event() const { return long_; }

 private:
  std::size_t most_;
  std::string held_;
  std::size_t searched_ = 0;  // of held_: no end of an event before
  std::size_t looked_ = 0;    // of held_: no line break before
  bool long_ = false;
  bool torn_line_ = false;  // the line at the start of held_ has begun before it
};

}  // namespace workspaced::mcp
