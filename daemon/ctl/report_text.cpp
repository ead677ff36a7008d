#include "ctl/render.hpp"

#include <nlohmann/json.hpp>

namespace workspaced::ctl {
namespace {

using json = nlohmann::ordered_json;

std::string text(const json& object, const char* key) {
  const auto it = object.is_object() ? object.find(key) : object.end();
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string{};
}

}  // namespace

std::string reload_text(std::string_view document, bool dry_run) {
  const auto report = json::parse(document, nullptr, false);
  std::string out;
  if (!report.is_object()) return out;
  for (const auto& [key, value] : report.items()) {
    if (!value.is_array() || value.empty()) continue;
    std::string names;
    for (const auto& it : value) {
      if (it.is_string()) (names += names.empty() ? "" : ", ") += it.get<std::string>();
    }
    if (!names.empty()) out += key + ": " + fit(names, 2000) + '\n';
  }
  if (out.empty()) return dry_run ? "nothing would change\n" : "nothing has changed\n";
  return dry_run ? "would be\n" + out : out;
}

std::string health_text(std::string_view document) {
  const auto health = json::parse(document, nullptr, false);
  return text(health, "status") + '\n';
}

}  // namespace workspaced::ctl
