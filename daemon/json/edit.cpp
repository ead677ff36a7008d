#include "json/edit.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace workspaced::json {
namespace {

/// How a member and what is inside it are to be laid out.
struct layout {
  bool lines = true;   ///< one member a line
  std::string indent;  ///< of the member's own line
  std::string unit = "  ";
  std::string newline = "\n";
  std::string colon = ": ";
  std::string gap;  ///< after a comma when all is on one line
};

std::string_view between(std::string_view text, std::size_t begin, std::size_t end) {
  return text.substr(begin, end - begin);
}

/// The white space before `offset`.
std::string_view space_before(std::string_view text, std::size_t offset) {
  const std::size_t last = text.substr(0, offset).find_last_not_of(" \t\r\n");
  return between(text, last == std::string_view::npos ? 0 : last + 1, offset);
}

bool has_newline(std::string_view space) { return space.find('\n') != std::string_view::npos; }
std::string after_newline(std::string_view space) { return std::string(space.substr(space.rfind('\n') + 1)); }

/// The indentation of the line that `offset` is on.
std::string line_indent(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::string_view line = newline == std::string_view::npos ? before : before.substr(newline + 1);
  return std::string(line.substr(0, std::min(line.find_first_not_of(" \t"), line.size())));
}

/// What the whole file does, judged by its root's first member.
layout file_layout(std::string_view text, const object& root) {
  layout style;
  const std::size_t newline = text.find('\n');
  if (newline != std::string_view::npos && newline > 0 && text[newline - 1] == '\r') style.newline = "\r\n";
  if (root.members.empty()) return style;
  const member& first = root.members.front();
  const std::string_view space = space_before(text, first.key_begin);
  style.lines = has_newline(space);
  if (style.lines) style.unit = after_newline(space);
  const std::string_view colon = between(text, first.key_end, first.value_begin);
  if (!has_newline(colon)) style.colon = colon;
  style.gap = style.colon.ends_with(' ') ? " " : "";
  return style;
}

/// As the member beside it.
layout layout_like(std::string_view text, const member& member, layout style) {
  const std::string_view space = space_before(text, member.key_begin);
  style.lines = has_newline(space);
  if (style.lines) style.indent = after_newline(space);
  return style;
}

/// Lays out a valid JSON text anew; strings and numbers keep their spelling.
std::string render(std::string_view value, const layout& style) {
  std::string out;
  std::size_t depth = 0;
  const auto line = [&] {
    if (!style.lines) return;
    out += style.newline + style.indent;
    for (std::size_t i = 0; i < depth; ++i) out += style.unit;
  };
  bool opened = false;  // { or [ was the last token: nothing inside it yet
  for (std::size_t at = value.find_first_not_of(" \t\r\n"); at < value.size();
       at = value.find_first_not_of(" \t\r\n", at)) {
    const char c = value[at];
    const bool closes = c == '}' || c == ']';
    if (closes) --depth;
    if (opened != closes) line();
    opened = c == '{' || c == '[';
    if (opened) ++depth;
    if (c == ',') {
      out += style.lines ? "," : "," + style.gap;
      line();
      ++at;
    } else if (c == ':') {
      out += style.colon;
      ++at;
    } else if (c == '"') {
      std::size_t end = at + 1;
      while (value[end] != '"') end += value[end] == '\\' ? 2 : 1;
      out += between(value, at, end + 1);
      at = end + 1;
    } else {
      out += c;
      ++at;
    }
  }
  return out;
}

std::string splice(std::string_view text, std::size_t begin, std::size_t end, std::string_view replacement) {
  std::string out;
  out.reserve(text.size() + replacement.size());
  out.append(text.substr(0, begin)).append(replacement).append(text.substr(end));
  return out;
}

std::string render_member(const std::string& key, std::string_view value, const layout& style) {
  return quote(key) + style.colon + render(value, style);
}

/// After the last member, or as the only one.
std::string insert(std::string_view text, const object& into, layout style, const std::string& key,
                   std::string_view value) {
  if (into.members.empty()) {
    const std::string base = line_indent(text, into.open);
    style.indent = base + style.unit;
    std::string inside = render_member(key, value, style);
    if (style.lines) inside = style.newline + style.indent + inside + style.newline + base;
    return splice(text, into.open + 1, into.close, inside);
  }
  const member& last = into.members.back();
  style = layout_like(text, last, style);
  if (!style.lines && into.members.size() > 1) style.gap = space_before(text, last.key_begin);
  const std::string gap = style.lines ? style.newline + style.indent : style.gap;
  return splice(text, last.value_end, last.value_end, "," + gap + render_member(key, value, style));
}

/// Without member `index`: its comma and the white space that belonged to it go too.
std::string erase(std::string_view text, const object& from, std::size_t index) {
  const std::vector<member>& all = from.members;
  if (all.size() == 1) return splice(text, from.open + 1, from.close, "");
  if (index + 1 < all.size()) return splice(text, all[index].key_begin, all[index + 1].key_begin, "");
  return splice(text, all[index - 1].value_end, all[index].value_end, "");
}

}  // namespace

result<std::string> set_member(std::string_view text, const path& along, std::string_view value) {
  const auto levels = locate(text, along);
  if (!levels) return levels.error();
  if (const auto checked = check_value(value); !checked) {
    problem problem = checked.error();
    problem.what = "the new value: " + problem.what;
    return problem;
  }
  const std::size_t depth = std::min(levels->size(), along.size()) - 1;
  const object& parent = (*levels)[depth];
  const member* const present = parent.find(along[depth]);

  std::string wrapped(value);
  for (std::size_t i = along.size() - 1; i > depth; --i)
    wrapped = "{" + quote(along[i]) + ":" + wrapped + "}";
  const layout style = file_layout(text, levels->front());
  if (present == nullptr) return insert(text, parent, style, along[depth], wrapped);

  const std::string_view old = between(text, present->value_begin, present->value_end);
  if (depth + 1 < along.size() && old != "null") {
    return problem_at(text, present->value_begin, "the value of \"" + along[depth] + "\" is not an object");
  }
  if (equal_values(old, wrapped)) return std::string(text);
  return splice(text, present->value_begin, present->value_end,
                render(wrapped, layout_like(text, *present, style)));
}

result<std::string> remove_member(std::string_view text, const path& along) {
  std::string left(text);
  for (;;) {
    const auto levels = locate(left, along);
    if (!levels) return levels.error();
    if (levels->size() < along.size()) return left;
    const object& parent = (*levels)[along.size() - 1];
    const member* const present = parent.find(along.back());
    if (present == nullptr) return left;
    left = erase(left, parent, static_cast<std::size_t>(present - parent.members.data()));
  }
}

result<std::optional<std::string_view>> get_member(std::string_view text, const path& along) {
  const auto levels = locate(text, along);
  if (!levels) return levels.error();
  std::optional<std::string_view> value;
  if (levels->size() < along.size()) return value;
  const member* const present = (*levels)[along.size() - 1].find(along.back());
  if (present != nullptr) value = between(text, present->value_begin, present->value_end);
  return value;
}

result<std::vector<std::pair<std::string, std::string_view>>> list_members(std::string_view text,
                                                                           const path& along) {
  const auto levels = locate(text, along);
  if (!levels) return levels.error();
  std::vector<std::pair<std::string, std::string_view>> members;
  if (levels->size() <= along.size()) return members;
  for (const member& member : levels->back().members) {
    members.emplace_back(member.key, between(text, member.value_begin, member.value_end));
  }
  return members;
}

std::optional<std::string> string_value(std::string_view value) {
  if (value.empty() || value.front() != '"' || !check_value(value)) return std::nullopt;
  return decode_string(value);
}

std::string quote(std::string_view text) {
  static constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (code < 0x20) {
      out += {'\\', 'u', '0', '0', hex[code >> 4U], hex[code & 15U]};
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool equal_values(std::string_view left, std::string_view right) {
  if (left == right) return true;
  const auto a = nlohmann::json::parse(left, nullptr, false);
  const auto b = nlohmann::json::parse(right, nullptr, false);
  return !a.is_discarded() && !b.is_discarded() && a == b;
}

}  // namespace workspaced::json
