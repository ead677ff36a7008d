#include "mcp/schema.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <stdexcept>

namespace workspaced::mcp {
namespace {

using nlohmann::json;
using complaint_text = std::optional<std::string>;

complaint_text look(const json& rules, const json& value, const std::string& what);

bool is_integer(const json& value) {
  if (value.is_number_integer()) return true;
  return value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>();
}

bool has_type(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return is_integer(value);
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  return type == "null" && value.is_null();
}

complaint_text look_at_type(const json& type, const json& value, const std::string& what) {
  if (type.is_string()) {
    if (has_type(value, type)) return std::nullopt;
    return what + " must be of type " + type.get<std::string>();
  }
  std::string names;
  for (const json& each : type) {
    if (has_type(value, each)) return std::nullopt;
    names += (names.empty() ? "" : " or ") + each.get<std::string>();
  }
  return what + " must be of type " + names;
}

complaint_text look_at_choice(const json& choices, const json& value, const std::string& what) {
  std::string names;
  for (const json& each : choices) {
    if (each == value) return std::nullopt;
    names += (names.empty() ? "" : ", ") + each.dump();
  }
  return what + " must be one of " + names;
}

/// Characters, as JSON Schema counts them.
std::size_t length_of(const std::string& text) {
  std::size_t count = 0;
  for (const char byte : text) count += (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U;
  return count;
}

complaint_text look_at_bounds(const json& rules, const json& value, const std::string& what) {
  const auto bound = [&rules](const char* name) { return rules.contains(name) ? &rules[name] : nullptr; };
  if (value.is_number()) {
    if (const json* least = bound("minimum"); least != nullptr && value < *least)
      return what + " must be at least " + least->dump();
    if (const json* most = bound("maximum"); most != nullptr && value > *most)
      return what + " must be at most " + most->dump();
  }
  if (value.is_string()) {
    const std::size_t length = length_of(value.get_ref<const std::string&>());
    if (const json* least = bound("minLength"); least != nullptr && length < *least)
      return what + " must have at least " + least->dump() + " characters";
    if (const json* most = bound("maxLength"); most != nullptr && length > *most)
      return what + " must have at most " + most->dump() + " characters";
  }
  return std::nullopt;
}

std::string names_in(const json& properties) {
  std::string names;
  for (const auto& [name, ignored] : properties.items()) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

complaint_text look_at_members(const json& rules, const json& value, const std::string& what) {
  for (const json& name : rules.value("required", json::array())) {
    if (!value.contains(name)) return what + " must have " + name.dump();
  }
  const json properties = rules.value("properties", json::object());
  const json& others = rules.contains("additionalProperties") ? rules["additionalProperties"] : json(true);
  for (const auto& [name, member] : value.items()) {
    // Named for a person: the member alone, where it stands at the top.
    const std::string place = what == "arguments" ? name : what + "." + name;
    if (properties.contains(name)) {
      if (auto wrong = look(properties[name], member, place)) return wrong;
    } else if (others == json(false)) {
      return what + " must not have \"" + name + "\"; there are: " + names_in(properties);
    } else if (auto wrong = look(others, member, place)) {
      return wrong;
    }
  }
  return std::nullopt;
}

complaint_text look(const json& rules, const json& value, const std::string& what) {
  if (!rules.is_object()) return std::nullopt;  // true
  if (rules.contains("type")) {
    if (auto wrong = look_at_type(rules["type"], value, what)) return wrong;
  }
  if (rules.contains("enum")) {
    if (auto wrong = look_at_choice(rules["enum"], value, what)) return wrong;
  }
  if (rules.contains("const")) {
    if (auto wrong = look_at_choice(json::array({rules["const"]}), value, what)) return wrong;
  }
  if (auto wrong = look_at_bounds(rules, value, what)) return wrong;
  if (value.is_object()) return look_at_members(rules, value, what);
  if (value.is_array() && rules.contains("items")) {
    for (const json& each : value) {
      if (auto wrong = look(rules["items"], each, "every item of " + what)) return wrong;
    }
  }
  return std::nullopt;
}

}  // namespace

struct schema::tree {
  json rules;
};

schema::schema(std::string_view text) {
  json rules = json::parse(text, nullptr, false);
  if (!rules.is_object()) throw std::logic_error("not a JSON Schema: " + std::string(text));
  tree_ = std::make_shared<const tree>(tree{std::move(rules)});
}

std::optional<std::string> schema::complaint(std::string_view value, const std::string& what) const {
  const json read = json::parse(value, nullptr, false);
  if (read.is_discarded()) return what + " must be JSON whose strings are Unicode";
  return look(tree_->rules, read, what);
}

}  // namespace workspaced::mcp
