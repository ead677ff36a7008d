#include "mcp/event_text.hpp"

#include <algorithm>
#include <utility>

namespace workspaced::mcp {
namespace {

/// The end of the first line at or after `from`: past its line break; npos when it is not complete. A CR at
/// the very end may be half of a CRLF, so it does not end a line yet.
std::size_t after_line(std::string_view text, std::size_t from) {
  // find_first_of calls a function for each byte.
  const auto place = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(std::min(from, text.size())),
                                  text.end(), [](char c) { return c == '\n' || c == '\r'; });
  if (place == text.end()) return std::string_view::npos;
  const auto at = static_cast<std::size_t>(place - text.begin());
  if (text[at] == '\n') return at + 1;
  if (at + 1 == text.size()) return std::string_view::npos;
  return text[at + 1] == '\n' ? at + 2 : at + 1;
}

bool is_empty_line(std::string_view text, std::size_t begin) {
  return text[begin] == '\r' || text[begin] == '\n';
}

}  // namespace

std::string event_text(std::string_view data) {
  std::string text = "event: message\ndata: ";
  for (const char c : data) {
    if (c == '\r') continue;  // JSON has none inside a string
    text += c;
    if (c == '\n') text += "data: ";
  }
  return text + "\n\n";
}

std::optional<std::string> event_splitter::piece::data() const {
  std::optional<std::string> joined;
  for (std::size_t begin = 0; begin < bytes.size();) {
    const std::size_t end = std::min(after_line(bytes, begin), bytes.size());
    std::string_view line = std::string_view(bytes).substr(begin, end - begin);
    begin = end;
    line = line.substr(0, line.find_first_of("\r\n"));
    if (line != "data" && !line.starts_with("data:")) continue;
    line.remove_prefix(std::min<std::size_t>(5, line.size()));
    if (line.starts_with(' ')) line.remove_prefix(1);
    joined = joined ? *joined + "\n" + std::string(line) : std::string(line);
  }
  return joined;
}

std::vector<event_splitter::piece> event_splitter::feed(std::string_view bytes) {
  std::vector<piece> out;
  held_ += bytes;
  std::size_t begin = 0;         // of the event
  std::size_t line = searched_;  // of the line
  std::size_t from = looked_;    // in it, no line break before
  for (;;) {
    const std::size_t next = after_line(held_, from);
    if (next == std::string::npos) break;
    const bool ends = !std::exchange(torn_line_, false) && is_empty_line(held_, line);
    line = from = next;
    if (!ends) continue;
    out.push_back({held_.substr(begin, next - begin), !std::exchange(long_, false)});
    begin = next;
  }
  held_.erase(0, begin);
  searched_ = line - begin;
  // The last byte may be a CR that a LF follows.
  looked_ = std::max(searched_, held_.empty() ? 0 : held_.size() - 1);
  if (held_.size() > most_) {
    // The last byte stays: it may be half of a line break.
    const std::size_t cut = held_.size() - 1;
    out.push_back({held_.substr(0, cut), false});
    held_.erase(0, cut);
    torn_line_ = torn_line_ || searched_ < cut;
    searched_ = searched_ > cut ? searched_ - cut : 0;
    looked_ = searched_;
    long_ = true;
  }
  return out;
}

}  // namespace workspaced::mcp
