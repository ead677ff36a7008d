#include "logs/printable.hpp"

namespace workspaced::logs {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

unsigned byte_at(std::string_view text, std::size_t place) {
  return place < text.size() ? static_cast<unsigned char>(text[place]) : 0U;
}

bool is_control(unsigned byte) { return byte < 0x20 || byte == 0x7f; }

/// Length of the UTF-8 sequence at the front, 0 when there is none: overlong forms, surrogates and what is
/// beyond U+10FFFF are none (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view text) {
  const unsigned first = byte_at(text, 0);
  const unsigned second = byte_at(text, 1);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const unsigned lowest = first == 0xe0 ? 0xa0U : first == 0xf0 ? 0x90U : 0x80U;
  const unsigned highest = first == 0xed ? 0x9fU : first == 0xf4 ? 0x8fU : 0xbfU;
  if (second < lowest || second > highest) return 0;
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (std::size_t place = 2; place < length; ++place) {
    if ((byte_at(text, place) & 0xc0U) != 0x80) return 0;
  }
  return length;
}

void append_hex(std::string& out, std::string_view prefix, unsigned byte) {
  out += prefix;
  out += hex_digits[byte >> 4U];
  out += hex_digits[byte & 0xfU];
}

/// The letter of a short escape ("n" for a newline), 0 when there is none.
char short_escape(unsigned byte) {
  switch (byte) {
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
  }
}

}  // namespace

std::string json_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const unsigned byte = byte_at(text, 0);
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\xef\xbf\xbd";
    } else if (const char letter = short_escape(byte); letter != 0) {
      out += {'\\', letter};
    } else if (byte == '"' || byte == '\\') {
      out += {'\\', text[0]};
    } else if (is_control(byte)) {
      append_hex(out, "\\u00", byte);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (const char letter = short_escape(byte); letter != 0) {
      out += {'\\', letter};
    } else if (is_control(byte)) {
      append_hex(out, "\\x", byte);
    } else {
      out += each;
    }
  }
  return out;
}

}  // namespace workspaced::logs
