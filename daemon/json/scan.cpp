#include "json/scan.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

namespace workspaced::json {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t off_path = static_cast<std::size_t>(-1);

/// Characters of a string that need no second look: all of ASCII but controls, quote and backslash.
constexpr auto plain = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 0x80; ++c) table.at(c) = c != '"' && c != '\\';
  return table;
}();

unsigned byte(const char* at) { return static_cast<unsigned char>(*at); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The four digits of \uXXXX, or nothing.
std::optional<unsigned> hex4(const char* at) {
  unsigned code = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    const unsigned digit = is_digit(c)            ? static_cast<unsigned>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                           : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10)
                                                  : 16U;
    if (digit > 15) return std::nullopt;
    code = code * 16 + digit;
  }
  return code;
}

/// Length of the well-formed UTF-8 sequence at `at` (Unicode 15, table 3-7), 0 if there is none.
std::size_t utf8_length(const char* at, const char* end) {
  const unsigned lead = byte(at);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || static_cast<std::size_t>(end - at) < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80) return 0;
  }
  if (length < 3) return length;
  const unsigned second = byte(at + 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool outside = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : length;
}

/// One pass over a text. The functions return false once something is wrong; `fault` then says what.
/// Raw pointers, because ten megabytes have to pass without the daemon's loop standing still.
class scanner {
 public:
  scanner(std::string_view text, const path& along)
      : begin_(text.data()), end_(begin_ + text.size()), at_(begin_), path_(along) {}

  bool document() {
    if (std::string_view(begin_, static_cast<std::size_t>(end_ - begin_)).starts_with(byte_order_mark))
      at_ += 3;
    space();
    if (at_ == end_) return fail("the text is empty");
    if (*at_ != '{') return fail("the text is not a JSON object");
    return value(0, 0) && finish();
  }
  bool lone_value() {
    space();
    return value(0, off_path) && finish();
  }

  /// The elements of an array, in order.
  bool list(std::vector<std::string_view>& elements) {
    space();
    if (peek() != '[') return fail("the text is not a JSON array");
    ++at_;
    space();
    if (peek() == ']') return ++at_, finish();
    for (;;) {
      const char* const begin = at_;
      if (!value(1, off_path)) return false;
      elements.emplace_back(begin, static_cast<std::size_t>(at_ - begin));
      space();
      if (peek() == ']') return ++at_, finish();
      if (peek() != ',') return fail("a comma or ] is missing");
      ++at_;
      space();
    }
  }

  std::vector<object> levels;
  problem fault;

 private:
  bool fail(const char* what) {
    const char* cause = at_ == end_ && begin_ != end_ ? ends_early : what;
    fault = problem_at({begin_, static_cast<std::size_t>(end_ - begin_)}, offset(), cause);
    return false;
  }
  [[nodiscard]] std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  [[nodiscard]] char peek() const { return at_ < end_ ? *at_ : '\0'; }
  void space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool finish() {
    space();
    return at_ == end_ || fail("something follows the end of the value");
  }

  /// `level`: how many keys of the path lead here, or off_path.
  bool value(unsigned depth, std::size_t level) {
    switch (peek()) {
      case '{': return depth < max_depth ? read_object(depth, level) : fail("nested too deeply");
      case '[': return depth < max_depth ? array(depth) : fail("nested too deeply");
      case '"': return string();
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  bool read_object(unsigned depth, std::size_t level) {
    if (level != off_path) {
      levels.resize(level);
      levels.push_back({offset(), 0, {}});
    }
    ++at_;
    space();
    if (peek() == '}') return close_object(level);
    for (;;) {
      if (!read_member(depth, level)) return false;
      space();
      if (peek() == '}') return close_object(level);
      if (peek() != ',') return fail("a comma or } is missing");
      ++at_;
      space();
    }
  }

  bool close_object(std::size_t level) {
    if (level != off_path) levels[level].close = offset();
    ++at_;
    return true;
  }

  bool read_member(unsigned depth, std::size_t level) {
    member found;
    found.key_begin = offset();
    if (peek() != '"') return fail("a key in double quotes is missing");
    if (!string()) return false;
    found.key_end = offset();
    space();
    if (peek() != ':') return fail("a colon is missing");
    ++at_;
    space();
    found.value_begin = offset();
    if (level == off_path) return value(depth + 1, off_path);

    found.key = decode_string({begin_ + found.key_begin, found.key_end - found.key_begin});
    const bool leads_on = level < path_.size() && found.key == path_[level];
    if (leads_on) levels.resize(level + 1);  // an earlier member of the same key does not count
    if (!value(depth + 1, leads_on ? level + 1 : off_path)) return false;
    found.value_end = offset();
    levels[level].members.push_back(std::move(found));
    return true;
  }

  bool array(unsigned depth) {
    ++at_;
    space();
    if (peek() == ']') return ++at_, true;
    for (;;) {
      if (!value(depth + 1, off_path)) return false;
      space();
      if (peek() == ']') return ++at_, true;
      if (peek() != ',') return fail("a comma or ] is missing");
      ++at_;
      space();
    }
  }

  bool string() {
    ++at_;
    for (;;) {
      while (at_ < end_ && plain[static_cast<unsigned char>(*at_)]) ++at_;
      if (at_ == end_) return fail(ends_early);
      if (*at_ == '"') return ++at_, true;
      if (*at_ == '\\') {
        if (!escape()) return false;
      } else if (byte(at_) < 0x20) {
        return fail("a control character in a string");
      } else if (const std::size_t length = utf8_length(at_, end_); length != 0) {
        at_ += length;
      } else {
        return fail("not UTF-8");
      }
    }
  }

  bool escape() {
    ++at_;
    if (at_ == end_) return fail(ends_early);
    if (*at_ == 'u') {
      if (end_ - at_ < 5 || !hex4(at_ + 1)) return fail("\\u without four hexadecimal digits");
      at_ += 5;
      return true;
    }
    if (*at_ == '\0' || std::strchr("\"\\/bfnrt", *at_) == nullptr)
      return fail("an unknown escape in a string");
    ++at_;
    return true;
  }

  bool word(std::string_view expected) {
    const auto left = static_cast<std::size_t>(end_ - at_);
    if (std::string_view(at_, std::min(left, expected.size())) != expected) {
      if (expected.starts_with(std::string_view(at_, left))) at_ = end_;
      return fail("not a JSON value");
    }
    at_ += expected.size();
    return true;
  }

  bool number() {
    if (peek() == '-') ++at_;
    if (!is_digit(peek())) return fail("not a JSON value");
    if (peek() == '0') {
      ++at_;
    } else {
      digits();
    }
    if (peek() == '.' && (++at_, !digits())) return fail("a number without digits after its point");
    if (peek() != 'e' && peek() != 'E') return true;
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    return digits() || fail("a number without digits in its exponent");
  }
  bool digits() {
    const char* const start = at_;
    while (is_digit(peek())) ++at_;
    return at_ != start;
  }

  static constexpr const char* ends_early = "the text ends too early";

  const char* begin_;
  const char* end_;
  const char* at_;
  const path& path_;
};

void append_utf8(std::string& out, unsigned code) {
  const auto put = [&out](unsigned value) { out.push_back(static_cast<char>(value)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0U | (code >> 6U));
  } else {
    if (code < 0x10000) {
      put(0xE0U | (code >> 12U));
    } else {
      put(0xF0U | (code >> 18U));
      put(0x80U | ((code >> 12U) & 0x3FU));
    }
    put(0x80U | ((code >> 6U) & 0x3FU));
  }
  put(0x80U | (code & 0x3FU));
}

/// The character of \uXXXX at `at` (on the u), which is moved to its last digit; joins a surrogate pair.
unsigned decode_unicode(const char*& at, const char* end) {
  const unsigned high = hex4(at + 1).value_or(0);
  at += 4;
  if (high < 0xD800 || high > 0xDBFF || end - at < 7 || at[1] != '\\' || at[2] != 'u') return high;
  const unsigned low = hex4(at + 3).value_or(0);
  if (low < 0xDC00 || low > 0xDFFF) return high;
  at += 6;
  return 0x10000U + ((high - 0xD800U) << 10U) + (low - 0xDC00U);
}

}  // namespace

std::string problem::message() const {
  return "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + what;
}

const member* object::find(std::string_view key) const {
  const auto found =
      std::find_if(members.rbegin(), members.rend(), [key](const member& m) { return m.key == key; });
  return found == members.rend() ? nullptr : &*found;
}

result<std::vector<object>> locate(std::string_view text, const path& along) {
  scanner scan(text, along);
  if (!scan.document()) return scan.fault;
  return std::move(scan.levels);
}

std::vector<std::string_view> elements(std::string_view text) {
  const path nowhere;
  scanner scan(text, nowhere);
  std::vector<std::string_view> found;
  if (!scan.list(found)) found.clear();
  return found;
}

result<void> check_value(std::string_view text) {
  const path nowhere;
  scanner scan(text, nowhere);
  if (!scan.lone_value()) return scan.fault;
  return {};
}

std::string decode_string(std::string_view literal) {
  std::string out;
  const char* const end = literal.data() + literal.size() - 1;
  for (const char* at = literal.data() + 1; at < end; ++at) {
    if (*at != '\\') {
      out.push_back(*at);
      continue;
    }
    switch (*++at) {
      case 'b': out.push_back('\b'); break;
      case 'f': out.push_back('\f'); break;
      case 'n': out.push_back('\n'); break;
      case 'r': out.push_back('\r'); break;
      case 't': out.push_back('\t'); break;
      case 'u': append_utf8(out, decode_unicode(at, end)); break;
      default: out.push_back(*at);
    }
  }
  return out;
}

problem problem_at(std::string_view text, std::size_t offset, std::string what) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::string_view line = newline == std::string_view::npos ? before : before.substr(newline + 1);
  const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; };
  return {1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')),
          1 + static_cast<std::size_t>(std::count_if(line.begin(), line.end(), starts_character)),
          std::move(what)};
}

}  // namespace workspaced::json
