#include "config/text.hpp"

namespace workspaced::config {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_name(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  for (const char c : text) {
    const bool fits = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!fits) return false;
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// The end of a "…" or '…' that starts at `from`; npos when it never ends. The content is appended to `out`.
std::size_t take_quoted(std::string_view text, std::size_t from, std::string_view escapable,
                        std::string& out) {
  const char quote = text[from];
  for (std::size_t i = from + 1; i < text.size(); ++i) {
    if (text[i] == quote) return i;
    const bool escape = quote == '"' && text[i] == '\\' && i + 1 < text.size();
    if (escape && escapable.find(text[i + 1]) != std::string_view::npos) ++i;
    out += text[i];
  }
  return std::string_view::npos;
}

/// The position of the brace that closes the expansion whose inside starts at `from`.
std::size_t closing_brace(std::string_view text, std::size_t from) {
  int depth = 1;
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') {
      ++depth;
      ++i;
    } else if (text[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

/// A string as a result: it could also be taken for what is wrong.
parsed<std::string> found(std::string value) { return {boost::system::in_place_value, std::move(value)}; }

parsed<std::string> expand_one(std::string_view inside, const variable_lookup& variables) {
  const auto operation =
      inside.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
  const std::string name(inside.substr(0, operation));
  const auto rest = operation == std::string_view::npos ? std::string_view() : inside.substr(operation);
  if (!is_name(name))
    return wrong{"${" + std::string(inside) + "} names no variable; write ${NAME}, and $$ for a dollar"};
  if (!rest.empty() && !rest.starts_with(":-") && !rest.starts_with(":?")) {
    return wrong{"${" + name + "…} knows only ${" + name + "}, ${" + name + ":-default} and ${" + name +
                 ":?message}"};
  }
  const auto value = variables(name);
  if (rest.empty()) {
    if (value) return found(*value);
    return wrong{"the environment variable " + name + " is not set; set it, or write ${" + name +
                 ":-default}"};
  }
  if (value && !value->empty()) return found(*value);
  if (rest.starts_with(":-")) return expand(rest.substr(2), variables);
  const auto message = rest.substr(2);
  return wrong{"the environment variable " + name + " is not set" +
               (message.empty() ? "" : ": " + std::string(message))};
}

}  // namespace

parsed<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_blank(c)) {
      if (inside) words.push_back(std::exchange(word, {}));
      inside = false;
      continue;
    }
    inside = true;
    if (c == '\'' || c == '"') {
      i = take_quoted(text, i, "\"\\$`", word);
      if (i == std::string_view::npos) return wrong{"has a quote that is never closed"};
    } else if (c == '\\') {
      if (i + 1 == text.size()) return wrong{"ends with a backslash"};
      word += text[++i];
    } else {
      word += c;
    }
  }
  if (inside) words.push_back(std::move(word));
  return words;
}

parsed<std::string> expand(std::string_view text, const variable_lookup& variables) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] != '$' || (next != '$' && next != '{')) {
      out += text[i];
    } else if (next == '$') {
      out += '$';
      ++i;
    } else {
      const auto end = closing_brace(text, i + 2);
      if (end == std::string_view::npos) return wrong{"has a ${ without its }; write $$ for a dollar"};
      const auto value = expand_one(text.substr(i + 2, end - i - 2), variables);
      if (!value) return value.error();
      out += *value;
      i = end;
    }
  }
  return found(std::move(out));
}

parsed<std::optional<assignment>> parse_assignment(std::string_view line) {
  line = trimmed(line);
  if (line.empty() || line[0] == '#') return std::optional<assignment>();
  if (line.starts_with("export ")) line = trimmed(line.substr(7));
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) return wrong{"is not NAME=value"};
  const auto name = trimmed(line.substr(0, equals));
  if (!is_name(name)) return wrong{"has no variable's name before the ="};
  const auto raw = trimmed(line.substr(equals + 1));
  std::string value;
  if (!raw.empty() && (raw[0] == '"' || raw[0] == '\'')) {
    const auto end = take_quoted(raw, 0, "\"\\$", value);
    if (end == std::string_view::npos) return wrong{"has a quote that is never closed"};
    const auto rest = trimmed(raw.substr(end + 1));
    if (!rest.empty() && rest[0] != '#') return wrong{"has something behind the closing quote"};
  } else {
    const auto comment = raw.find(" #");
    value = trimmed(raw.substr(0, comment));
  }
  return std::optional<assignment>(assignment{std::string(name), std::move(value)});
}

}  // namespace workspaced::config
