#include "ctl/sse.hpp"

#include <utility>

namespace workspaced::ctl {

std::vector<sse_event> sse_parser::feed(std::string_view chunk) {
  std::vector<sse_event> done;
  if (skip_newline_ && !chunk.empty()) {
    if (chunk.front() == '\n') chunk.remove_prefix(1);
    skip_newline_ = false;
  }
  for (;;) {
    const auto end = chunk.find_first_of("\r\n");
    if (end == std::string_view::npos) {
      rest_ += chunk;
      return done;
    }
    if (rest_.empty()) {
      line(chunk.substr(0, end), done);
    } else {
      rest_ += chunk.substr(0, end);
      line(std::exchange(rest_, {}), done);
    }
    const bool carriage_return = chunk[end] == '\r';
    chunk.remove_prefix(end + 1);
    if (!carriage_return) continue;
    if (chunk.empty()) {
      skip_newline_ = true;
    } else if (chunk.front() == '\n') {
      chunk.remove_prefix(1);
    }
  }
}

void sse_parser::line(std::string_view text, std::vector<sse_event>& done) {
  if (text.empty()) {
    if (has_data_) {
      if (type_.empty()) type_ = "message";
      done.push_back({std::move(type_), std::move(data_)});
    }
    type_.clear();
    data_.clear();
    has_data_ = false;
    return;
  }
  const auto colon = text.find(':');
  const auto field = text.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") {
    type_ = value;
  } else if (field == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  }
}

}  // namespace workspaced::ctl
