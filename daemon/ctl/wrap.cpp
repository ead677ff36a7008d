#include "ctl/wrap.hpp"

#include <algorithm>

namespace workspaced::ctl {

void wrap(std::string& out, std::string_view text, std::size_t indent, std::size_t width) {
  auto column = out.size() - (out.rfind('\n') == std::string::npos ? 0 : out.rfind('\n') + 1);
  bool first = true;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (!first && column + 1 + end > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
    first = false;
  }
  out += '\n';
}

}  // namespace workspaced::ctl
