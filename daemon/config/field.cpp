#include "config/field.hpp"

#include "core/nearest.hpp"

#include <cmath>
#include <filesystem>

namespace workspaced::config {
namespace {

std::string as_text(double value) {
  std::string text = std::to_string(value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::string directory_of(const std::string& file) {
  return std::filesystem::path(file).parent_path().string();
}

std::string resolve_path(const std::string& path, const std::string& directory, const std::string& home) {
  std::string whole = path;
  if (path == "~" || path.starts_with("~/")) whole = home + path.substr(1);
  const std::filesystem::path resolved = (std::filesystem::path(directory) / whole).lexically_normal();
  std::string text = resolved.string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

void field::complain(std::string message, std::string hint) const {
  all_.errors.push_back({value_.where, path_, std::move(message), std::move(hint)});
}

std::optional<std::string> field::string_as(std::string_view wanted) const {
  const auto* text = std::get_if<std::string>(&value_.value);
  if (text == nullptr) {
    complain("must be " + std::string(wanted) + ", not " + std::string(kind_of(value_)));
    return std::nullopt;
  }
  auto expanded = expand(*text, all_.variables);
  if (!expanded) {
    complain(expanded.error().why);
    return std::nullopt;
  }
  if (expanded->find('\0') != std::string::npos) {
    complain("must not contain a NUL character");
    return std::nullopt;
  }
  return std::move(*expanded);
}

std::optional<std::string> field::text() const { return string_as("a string"); }

std::optional<std::string> field::path_text() const {
  const auto text = string_as("a path in quotes");
  if (!text) return std::nullopt;
  if (text->empty()) {
    complain("must not be empty");
    return std::nullopt;
  }
  return resolve_path(*text, directory_of(value_.where.file), all_.home);
}

std::optional<bool> field::flag() const {
  if (const auto* flag = std::get_if<bool>(&value_.value)) return *flag;
  complain("must be true or false, not " + std::string(kind_of(value_)));
  return std::nullopt;
}

std::optional<std::int64_t> field::integer(std::int64_t least, std::int64_t most) const {
  const auto* value = std::get_if<std::int64_t>(&value_.value);
  if (value == nullptr) {
    complain("must be an integer, not " + std::string(kind_of(value_)));
    return std::nullopt;
  }
  if (*value >= least && *value <= most) return *value;
  complain("must be from " + std::to_string(least) + " to " + std::to_string(most) + ", not " +
           std::to_string(*value));
  return std::nullopt;
}

std::optional<double> field::number(double least, double most) const {
  std::optional<double> value;
  if (const auto* number = std::get_if<double>(&value_.value)) value = *number;
  if (const auto* whole = std::get_if<std::int64_t>(&value_.value)) value = static_cast<double>(*whole);
  if (!value) {
    complain("must be a number, not " + std::string(kind_of(value_)));
    return std::nullopt;
  }
  if (*value >= least && *value <= most) return value;  // false for NaN
  complain("must be from " + as_text(least) + " to " + as_text(most));
  return std::nullopt;
}

std::optional<core::duration> field::duration(bool zero_is_fine) const {
  const auto text = string_as("a duration in quotes, like \"10s\"");
  if (!text) return std::nullopt;
  const auto value = parse_duration(*text);
  if (!value) {
    complain("\"" + *text + "\" " + value.error().why);
    return std::nullopt;
  }
  if (value->count() > 0 || zero_is_fine) return *value;
  complain("must be longer than zero");
  return std::nullopt;
}

std::optional<std::uint64_t> field::size() const {
  if (const auto* bytes = std::get_if<std::int64_t>(&value_.value); bytes != nullptr && *bytes >= 0) {
    return static_cast<std::uint64_t>(*bytes);
  }
  const auto text = string_as("a size in quotes, like \"10MB\"");
  if (!text) return std::nullopt;
  const auto value = parse_size(*text);
  if (value) return *value;
  complain("\"" + *text + "\" " + value.error().why);
  return std::nullopt;
}

std::optional<std::size_t> field::one_of(std::initializer_list<std::string_view> words) const {
  const auto chosen = text();
  if (!chosen) return std::nullopt;
  std::vector<std::string> known;
  std::string list;
  for (const std::string_view word : words) {
    if (word == *chosen) return known.size();
    known.emplace_back(word);
    list += (list.empty() ? "\"" : ", \"") + std::string(word) + "\"";
  }
  const auto meant = core::nearest(*chosen, known);
  complain("must be one of " + list + ", not \"" + *chosen + "\"",
           meant ? "did you mean \"" + *meant + "\"?" : "");
  return std::nullopt;
}

std::optional<std::vector<std::string>> field::command() const {
  std::optional<std::vector<std::string>> words;
  if (std::holds_alternative<array>(value_.value)) {
    words = texts();
  } else if (const auto line = string_as("a command line, or an array of strings")) {
    auto split = split_words(*line);
    if (split) {
      words = std::move(*split);
    } else {
      complain(split.error().why);
    }
  }
  if (!words || (!words->empty() && !words->front().empty())) return words;
  complain("must not be empty");
  return std::nullopt;
}

std::optional<std::vector<std::string>> field::texts() const {
  if (!std::holds_alternative<array>(value_.value)) {
    complain("must be an array of strings, not " + std::string(kind_of(value_)));
    return std::nullopt;
  }
  std::vector<std::string> list;
  bool whole = true;
  for (const field& each : elements()) {
    auto text = each.text();
    whole = whole && text.has_value();
    if (text) list.push_back(std::move(*text));
  }
  if (!whole) return std::nullopt;
  return list;
}

std::vector<field> field::elements() const {
  const auto* list = std::get_if<array>(&value_.value);
  if (list == nullptr) return {*this};
  std::vector<field> all;
  for (std::size_t i = 0; i < list->size(); ++i) {
    all.emplace_back(all_, (*list)[i], path_ + "[" + std::to_string(i) + "]");
  }
  return all;
}

std::vector<std::pair<std::string, field>> field::entries() const {
  std::vector<std::pair<std::string, field>> all;
  const auto* values = std::get_if<table>(&value_.value);
  if (values == nullptr) {
    complain("must be a table, not " + std::string(kind_of(value_)));
    return all;
  }
  for (const auto& [name, value] : *values) {
    all.emplace_back(name, field(all_, value, path_.empty() ? name : path_ + "." + name));
  }
  return all;
}

}  // namespace workspaced::config
