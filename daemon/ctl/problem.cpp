#include "ctl/transport.hpp"

#include <nlohmann/json.hpp>

namespace workspaced::ctl {
namespace {

using nlohmann::json;

std::string text(const json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string{};
}

// Every error of a refused configuration, one a line: as text, or as an object with its text under "text".
std::string errors(const json& document) {
  std::string out;
  if (!document.is_object() || !document.contains("errors") || !document["errors"].is_array()) return out;
  for (const auto& it : document["errors"]) {
    const auto line = it.is_string() ? it.get<std::string>() : text(it, "text");
    if (!line.empty()) (out += out.empty() ? "" : "\n") += line;
  }
  return out;
}

exit_code code_of(unsigned status) {
  switch (status) {
    case 401:
    case 403: return exit_code::not_permitted;
    case 404: return exit_code::usage;
    case 422: return exit_code::configuration;
    default: return exit_code::failed;
  }
}

}  // namespace

failure problem(const reply& answer) {
  const auto document = json::parse(answer.body, nullptr, false);
  auto out = errors(document);
  if (out.empty()) {
    const auto title = text(document, "title");
    const auto detail = text(document, "detail");
    out = detail.empty() ? title : detail;
  }
  if (out.empty()) out = "the daemon answers " + std::to_string(answer.status);
  return {code_of(answer.status), std::move(out)};
}

}  // namespace workspaced::ctl
