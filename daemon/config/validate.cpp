#include "config/validate.hpp"

#include "core/dependency_graph.hpp"
#include "core/nearest.hpp"

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace workspaced::config {
namespace {

class inspection {
 public:
  inspection(const core::configuration& config, const node& root, std::vector<diagnostic>& errors)
      : config_(config), root_(root), errors_(errors) {
    for (const auto& [name, spec] : config.services) names_.push_back(name);
  }

  void run() {
    for (const auto& [name, spec] : config_.services) {
      look_at_dependencies(name, spec);
      if (spec.ready) look_at_probe(name, "ready", spec.ready->target);
      if (spec.live) look_at_probe(name, "live", spec.live->target);
    }
    look_for_cycles();
    for (const auto& [name, spec] : config_.mcp) look_at_server(name, spec);
    look_at_control();
    look_at_logs();
  }

  void look_at_zones(const std::function<bool(const std::string&)>& knows_zone) {
    for (const auto& [name, spec] : config_.services) {
      if (!spec.schedule || knows_zone(spec.schedule->time_zone)) continue;
      complain({"services", name, "schedule", "time_zone"},
               "this machine does not know the time zone " + spec.schedule->time_zone,
               "write it like Europe/Berlin; the package tzdata has them");
    }
  }

 private:
  void look_at_dependencies(const std::string& name, const core::service_spec& spec) {
    for (const auto& [other, needs] : spec.depends_on) {
      const auto place = config_.services.find(other);
      if (place == config_.services.end()) {
        complain({"services", name, "depends_on", other}, "there is no service named " + other,
                 hint_for(other));
      } else if (needs.condition == core::dependency_condition::completed &&
                 place->second.kind != core::service_kind::task) {
        complain({"services", name, "depends_on", other}, other + " is no task, so it never completes",
                 "use \"ready\", or make it kind = \"task\"");
      }
    }
  }

  void look_for_cycles() {
    core::dependency_graph graph;
    for (const auto& [name, spec] : config_.services) {
      auto& needs = graph[name];
      for (const auto& [other, how] : spec.depends_on) needs.insert(other);
    }
    for (const auto& cycle : core::find_cycles(graph)) {
      std::string text;
      for (const std::string& name : cycle) text += (text.empty() ? "" : " -> ") + name;
      complain({"services", cycle.front(), "depends_on"}, "the services need each other in a circle: " + text,
               {});
    }
  }

  void look_at_probe(const std::string& name, const char* probe, const core::probe_target& target) {
    const auto* const mcp = std::get_if<core::mcp_target>(&target);
    if (mcp == nullptr) return;
    const auto place = config_.mcp.find(mcp->server);
    if (place == config_.mcp.end()) {
      complain({"services", name, probe, "mcp"}, "there is no [mcp." + mcp->server + "]",
               "name the [mcp] table of the server that this service is");
    } else if (place->second.service != name) {
      complain({"services", name, probe, "mcp"},
               "[mcp." + mcp->server + "] is served by " + place->second.service, {});
    }
  }

  void look_at_server(const std::string& name, const core::mcp_spec& spec) {
    if (!spec.url && root_has_service(name)) {
      complain({"mcp", name, "command"}, "there is a service of the same name",
               "a server with a command is a service itself; rename one of them");
    }
    if (spec.service.empty() || config_.services.contains(spec.service)) return;
    complain({"mcp", name, "service"}, "there is no service named " + spec.service, hint_for(spec.service));
  }

  [[nodiscard]] bool root_has_service(const std::string& name) const {
    const auto* const sections = std::get_if<table>(&root_.value);
    const auto place = sections == nullptr ? table::const_iterator() : sections->find("services");
    if (sections == nullptr || place == sections->end()) return false;
    const auto* const services = std::get_if<table>(&place->second.value);
    return services != nullptr && services->contains(name);
  }

  void look_at_control() {
    for (const std::string& name : config_.mcp_server.control) {
      if (name == "*" || config_.services.contains(name)) continue;
      complain({"mcp_server", "control"}, "there is no service named " + name, hint_for(name));
    }
  }

  void look_at_logs() {
    std::map<std::string, std::string> writers;
    for (const auto& [name, spec] : config_.services) {
      const auto [place, fresh] = writers.emplace(spec.log.file, name);
      if (!fresh)
        complain({"services", name, "log"}, place->second + " writes to the same log, " + spec.log.file, {});
    }
  }

  [[nodiscard]] std::string hint_for(const std::string& name) const {
    const auto meant = core::nearest(name, names_);
    return meant ? "did you mean " + *meant + "?" : "";
  }

  /// At the deepest part of the path that is in the file: an entry of an array has no key of its own.
  void complain(std::initializer_list<std::string> path, std::string message, std::string hint) {
    const node* at = &root_;
    std::string text;
    for (const std::string& part : path) {
      text += (text.empty() ? "" : ".") + part;
      const auto* values = std::get_if<table>(&at->value);
      const auto place = values == nullptr ? table::const_iterator() : values->find(part);
      if (values != nullptr && place != values->end()) at = &place->second;
    }
    errors_.push_back({at->where, std::move(text), std::move(message), std::move(hint)});
  }

  const core::configuration& config_;
  const node& root_;
  std::vector<diagnostic>& errors_;
  std::vector<std::string> names_;
};

}  // namespace

void validate(const core::configuration& config, const node& root,
              const std::function<bool(const std::string&)>& knows_zone, std::vector<diagnostic>& errors) {
  inspection all(config, root, errors);
  all.run();
  if (knows_zone) all.look_at_zones(knows_zone);
}

}  // namespace workspaced::config
