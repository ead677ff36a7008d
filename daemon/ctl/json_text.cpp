#include "ctl/json_text.hpp"

#include <nlohmann/json.hpp>

namespace workspaced::ctl {
namespace {

using json = nlohmann::ordered_json;

std::string line_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

std::string_view name_of(exit_code code) {
  switch (code) {
    case exit_code::done: return "done";
    case exit_code::failed: return "failed";
    case exit_code::timed_out: return "timed_out";
    default: return "error";
  }
}

}  // namespace

std::string error_json(const failure& what) {
  return line_of(json{{"error", what.text}, {"exit_code", static_cast<int>(what.code)}});
}

std::string outcome_json(exit_code code, const core::fleet_view& fleet,
                         const std::vector<std::string>& culprits, const log_tails& logs) {
  auto services = json::array();
  for (const auto& name : culprits) {
    json it{{"name", name}};
    if (const auto* service = fleet.find(name)) {
      it["state"] = core::to_string(service->state);
      it["reason"] = service->reason;
      if (service->probe) {
        it["probe"] = json{{"target", service->probe->target},
                           {"ok", service->probe->ok},
                           {"answer", service->probe->answer}};
      }
    }
    if (const auto tail = logs.find(name); tail != logs.end()) it["log"] = tail->second;
    services.push_back(std::move(it));
  }
  return line_of(json{
      {"outcome", name_of(code)}, {"exit_code", static_cast<int>(code)}, {"services", std::move(services)}});
}

std::string log_line_json(std::string_view service, std::string_view line) {
  return line_of(json{{"service", service}, {"line", line}});
}

std::string why_json(std::string_view services_document, const std::string& name,
                     const std::vector<std::string>& because, const log_tails& logs) {
  const auto document = json::parse(services_document, nullptr, false);
  json out{{"service", nullptr}, {"because", json::array()}, {"log", json::object()}};
  const auto all = document.is_object() ? document.value("services", json::array()) : json::array();
  const auto find = [&all](const std::string& wanted) -> json {
    for (const auto& it : all) {
      if (it.is_object() && it.contains("name") && it["name"] == wanted) return it;
    }
    return nullptr;
  };
  out["service"] = find(name);
  for (const auto& root : because) {
    if (root != name) out["because"].push_back(find(root));
  }
  for (const auto& [service, lines] : logs) out["log"][service] = lines;
  return line_of(out);
}

std::string version_json(std::string_view own, std::string_view daemon) {
  json out{{"workspacectl", own}, {"workspaced", nullptr}};
  if (!daemon.empty()) out["workspaced"] = daemon;
  return line_of(out);
}

std::string check_json(std::string_view file, std::size_t services) {
  return line_of(json{{"file", file}, {"services", services}});
}

std::string done_json(std::string_view key, int pid) {
  json out;
  out[std::string(key)] = true;
  if (pid > 0) out["pid"] = pid;
  return line_of(out);
}

std::string names_body(const std::vector<std::string>& names) {
  auto out = line_of(json{{"names", names}});
  out.pop_back();
  return out;
}

std::string one_line(std::string_view document) {
  while (document.ends_with('\n')) document.remove_suffix(1);
  // The daemon's documents are one line already: reading a hundred services only to write them again takes
  // longer than all the rest.
  if (document.find('\n') == std::string_view::npos) return std::string(document) + '\n';
  const auto parsed = json::parse(document, nullptr, false);
  return parsed.is_discarded() ? std::string(document) + '\n' : line_of(parsed);
}

}  // namespace workspaced::ctl
