#include "api/json_writer.hpp"

#include "http/utf8.hpp"

#include <algorithm>

namespace workspaced::api {
namespace {

bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

std::string escape(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
  }
  const auto code = static_cast<unsigned char>(c);
  return {'\\', 'u', '0', '0', digits[code >> 4U], digits[code & 15U]};
}

}  // namespace

void json_writer::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  needs_comma_ = false;
}

void json_writer::key_of_any(std::string_view name) {
  separate();
  string(name);
  out_ += ':';
  needs_comma_ = false;
}

void json_writer::value(std::string_view text) {
  separate();
  string(text);
  needs_comma_ = true;
}

void json_writer::value(core::duration age) {
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(age).count();
  const auto milliseconds = std::max<decltype(whole)>(whole, 0);
  std::string text = std::to_string(milliseconds / 1000);
  if (milliseconds % 1000 != 0) {
    text += '.' + std::to_string(1000 + milliseconds % 1000).substr(1);
    text.erase(text.find_last_not_of('0') + 1);
  }
  raw(text);
}

void json_writer::list(std::string_view name, const std::vector<std::string>& items) {
  key(name);
  begin_array();
  for (const std::string& each : items) value(each);
  end_array();
}

void json_writer::open(char bracket) {
  separate();
  out_ += bracket;
  needs_comma_ = false;
}

void json_writer::close(char bracket) {
  out_ += bracket;
  needs_comma_ = true;
}

void json_writer::separate() {
  if (needs_comma_) out_ += ',';
}

void json_writer::raw(std::string_view text) {
  separate();
  out_ += text;
  needs_comma_ = true;
}

void json_writer::string(std::string_view text) {
  out_ += '"';
  while (!text.empty()) {
    const auto* const odd = std::find_if_not(text.begin(), text.end(), is_plain);
    out_.append(text.begin(), odd);
    text.remove_prefix(static_cast<std::size_t>(odd - text.begin()));
    if (text.empty()) break;
    const std::size_t length = http::utf8_length(text);
    if (length == 0) {
      out_ += "\xef\xbf\xbd";
    } else if (length > 1 || text[0] == '\x7f') {
      out_ += text.substr(0, length);
    } else {
      out_ += escape(text[0]);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out_ += '"';
}

}  // namespace workspaced::api
