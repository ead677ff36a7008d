#include "config/document.hpp"

#include <stdexcept>

namespace {
constexpr void parser_expects(bool holds) {
  if (!holds) throw std::invalid_argument("something is out of place");
}
}  // namespace

// The only translation unit that sees toml++. Some broken texts make 3.3 fail its own assertions (a dotted
// key that ends in a stray character): that is an error of the text like others, and no reason to abort.
// NDEBUG would turn them into promises to the compiler.
#undef NDEBUG
#define TOML_ASSERT(expression) parser_expects(static_cast<bool>(expression))
#define TOML_EXCEPTIONS 1
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <utility>

namespace workspaced::config {
namespace {

position at(const toml::source_region& region, const std::string& file) {
  return {file, region.begin.line, region.begin.column};
}

class translation {
 public:
  explicit translation(const std::string& file) : file_(file) {}

  node table_of(const toml::table& source) const {
    table out;
    for (const auto& [key, value] : source) {
      node child = node_of(value);
      child.key = at(key.source(), file_);
      out.emplace(std::string(key.str()), std::move(child));
    }
    return {std::move(out), at(source.source(), file_), {}};
  }

 private:
  node node_of(const toml::node& source) const {
    if (const auto* sub = source.as_table()) return table_of(*sub);
    node out;
    out.where = at(source.source(), file_);
    if (const auto* list = source.as_array()) {
      array items;
      for (const toml::node& each : *list) items.push_back(node_of(each));
      out.value = std::move(items);
    } else if (const auto* text = source.as_string()) {
      out.value = text->get();
    } else if (const auto* integer = source.as_integer()) {
      out.value = integer->get();
    } else if (const auto* number = source.as_floating_point()) {
      out.value = number->get();
    } else if (const auto* flag = source.as_boolean()) {
      out.value = flag->get();
    }
    return out;
  }

  const std::string& file_;
};

/// The offset of the first byte that is no UTF-8 (RFC 3629); npos when all is.
std::size_t first_invalid(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t offset) {
      return i + offset < text.size() ? static_cast<unsigned char>(text[i + offset]) : 0U;
    };
    const unsigned first = byte(0);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first >= 0x80 && (first < 0xc2 || first > 0xf4)) return i;
    for (std::size_t k = 1; k < length; ++k) {
      if ((byte(k) & 0xc0U) != 0x80U) return i;
    }
    const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    if (overlong || (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f)) return i;
    i += length;
  }
  return std::string_view::npos;
}

position position_of(std::string_view text, std::size_t offset, const std::string& file) {
  const auto before = text.substr(0, offset);
  const auto lines = static_cast<unsigned>(std::count(before.begin(), before.end(), '\n'));
  const auto start = before.rfind('\n');
  const std::size_t column = offset - (start == std::string_view::npos ? 0 : start + 1) + 1;
  return {file, lines + 1, static_cast<unsigned>(column)};
}

}  // namespace

std::string_view kind_of(const node& subject) {
  constexpr std::string_view kinds[] = {"a date or time", "a string", "an integer", "a number",
                                        "a boolean",      "an array", "a table"};
  return kinds[subject.value.index()];
}

node parse_toml(std::string_view text, const std::string& file, std::vector<diagnostic>& errors) {
  const node nothing{table(), {file, 0, 0}, {}};
  if (const auto offset = first_invalid(text); offset != std::string_view::npos) {
    errors.push_back({position_of(text, offset, file),
                      {},
                      "the file is not UTF-8: an invalid byte at offset " + std::to_string(offset),
                      "save it as UTF-8"});
    return nothing;
  }
  try {
    return translation(file).table_of(toml::parse(text, file));
  } catch (const std::invalid_argument& error) {
    errors.push_back({{file, 0, 0}, {}, std::string("not TOML: ") + error.what(), {}});
    return nothing;
  } catch (const toml::parse_error& error) {
    errors.push_back({at(error.source(), file), {}, "not TOML: " + std::string(error.description()), {}});
    return nothing;
  }
}

void overlay(node& base, node upper) {
  auto* below = std::get_if<table>(&base.value);
  auto* above = std::get_if<table>(&upper.value);
  if (below == nullptr || above == nullptr) {
    base = std::move(upper);
    return;
  }
  for (auto& [key, value] : *above) {
    const auto place = below->find(key);
    if (place == below->end()) {
      below->emplace(key, std::move(value));
    } else {
      overlay(place->second, std::move(value));
    }
  }
}

}  // namespace workspaced::config
