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

std::string reload_changes(std::string_view document) {
  static constexpr std::pair<const char*, const char*> kinds[] = {
      {"added", "added"},
      {"removed", "removed"},
      {"restarted", "restarted"},
      {"changed", "changed without a restart"},
      {"needs_daemon_restart", "needs a new daemon (workspacectl down, then up)"},
  };
  const auto report = json::parse(document, nullptr, false);
  std::string out;
  for (const auto& [key, word] : kinds) {
    if (!report.is_object() || !report.contains(key) || !report[key].is_array()) continue;
    std::string names;
    for (const auto& it : report[key]) {
      if (it.is_string()) (names += names.empty() ? "" : ", ") += it.get<std::string>();
    }
    if (!names.empty()) out += word + (": " + names) + '\n';
  }
  return out;
}

std::string reload_text(std::string_view document, bool dry_run) {
  const auto changes = reload_changes(document);
  if (changes.empty()) return dry_run ? "nothing would change\n" : "nothing has changed\n";
  return dry_run ? "this would be:\n" + changes : changes;
}

std::string environment_text(std::string_view document) {
  const auto answer = json::parse(document, nullptr, false);
  if (!answer.is_object() || !answer.contains("environment") || !answer["environment"].is_object()) return {};
  std::string out;
  for (const auto& [name, value] : answer["environment"].items()) {
    out += name + "=" + (value.is_string() ? value.get<std::string>() : std::string{}) + '\n';
  }
  return out;
}

std::string health_text(std::string_view document) {
  const auto health = json::parse(document, nullptr, false);
  const auto status = text(health, "status");
  std::string out = status + '\n';
  if (status == "ok" || !health.is_object() || !health.contains("services")) return out;
  for (const auto& [name, service] : health["services"].items()) {
    if (service.value("ready", true) || !service.value("required", false)) continue;
    out += name + ": " + text(service, "state") + ": " + fit(text(service, "reason"), 400) + '\n';
  }
  return out;
}

}  // namespace workspaced::ctl
