#include "http/target.hpp"

#include "http/utf8.hpp"

#include <optional>
#include <utility>

namespace workspaced::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The byte of the escape at the start of `text`.
std::optional<char> unescape(std::string_view text) {
  if (text.size() < 3) return std::nullopt;
  const int high = hex_digit(text[1]);
  const int low = hex_digit(text[2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

enum class part { path, query };

std::optional<std::string> decode(std::string_view text, part kind) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    char c = text[0];
    const bool escaped = c == '%';
    if (escaped) {
      const auto byte = unescape(text);
      if (!byte || (*byte == '/' && kind == part::path)) return std::nullopt;
      c = *byte;
    } else if (c == '+' && kind == part::query) {
      c = ' ';
    }
    // A query may well have lines; a path has no business with any control character.
    if (c == '\0' || (kind == part::path && is_control(c))) return std::nullopt;
    out.push_back(c);
    text.remove_prefix(escaped ? 3 : 1);
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

/// Takes what comes before `separator` off the start of `rest`, and the separator.
std::string_view next_piece(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto piece = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return piece;
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    const auto segment = next_piece(path, '/');
    if (segment == "." || segment == "..") return true;
  }
  return false;
}

std::optional<header_list> decode_query(std::string_view text) {
  header_list out;
  while (!text.empty()) {
    std::string_view value = next_piece(text, '&');
    if (value.empty()) continue;
    const auto key = decode(next_piece(value, '='), part::query);
    const auto decoded = decode(value, part::query);
    if (!key || !decoded) return std::nullopt;
    out.emplace_back(*key, *decoded);
  }
  return out;
}

}  // namespace

boost::system::result<target_parts, target_error> parse_target(std::string_view target) {
  target_parts out;
  if (target == "*") {
    out.path = "*";
    return out;
  }
  constexpr std::string_view scheme = "http://";
  if (same_word(target.substr(0, scheme.size()), scheme)) {
    target.remove_prefix(scheme.size());
    const auto slash = target.find_first_of("/?");
    out.authority = target.substr(0, slash);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
    if (out.authority.empty()) return target_error{"the target's host is empty"};
  }
  if (target.empty() || target[0] != '/') return target_error{"the target does not start with a slash"};
  auto path = decode(next_piece(target, '?'), part::path);
  if (!path || has_dot_segment(*path)) {
    return target_error{
        "the path has a bad escape, a '.' or '..' segment, a control character or is not UTF-8"};
  }
  auto query = decode_query(target);
  if (!query) return target_error{"the query has a bad escape or is not UTF-8"};
  out.path = std::move(*path);
  out.query = std::move(*query);
  return out;
}

}  // namespace workspaced::http
