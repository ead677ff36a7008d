// Server-sent events from a byte stream (WHATWG HTML 9.2.6), as far as the daemon writes them: event and
// data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace workspaced::ctl {

struct sse_event {
  std::string type = "message";
  std::string data;  ///< data lines joined by '\n'

  bool operator==(const sse_event&) const = default;
};

/// Takes the stream in pieces of any size; a piece may end anywhere, also inside CRLF.
class sse_parser {
 public:
  /// The events that `chunk` completes, in order. Comments, ids and retry hints are skipped.
  [[nodiscard]] std::vector<sse_event> feed(std::string_view chunk);

 private:
  void line(std::string_view text, std::vector<sse_event>& done);

  std::string rest_;           // an unfinished line
  bool skip_newline_ = false;  // the last piece ended with CR: a LF that follows belongs to it
  std::string type_;
  std::string data_;
  bool has_data_ = false;
};

}  // namespace workspaced::ctl
