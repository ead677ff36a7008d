#include "config/complete.hpp"

#include "config/field.hpp"

#include <variant>

namespace workspaced::config {
namespace {

void complete_paths(core::configuration& config, const std::string& home) {
  const std::string here = directory_of(config.file);
  config.daemon.log_dir = resolve_path(config.daemon.log_dir, here, home);
  config.daemon.state_dir = resolve_path(config.daemon.state_dir, here, home);
  for (auto& [name, spec] : config.services) {
    std::string& file = spec.log.file;
    if (file.empty()) file = name + ".log";
    if (file[0] != '/') file = config.daemon.log_dir + "/" + name + "/" + file;
  }
}

/// What a probe `mcp = "NAME"` has to know of [mcp.NAME].
void connect(core::probe_target& target, const core::configuration& config) {
  auto* const mcp = std::get_if<core::mcp_target>(&target);
  const auto place = mcp == nullptr ? config.mcp.end() : config.mcp.find(mcp->server);
  if (place == config.mcp.end()) return;
  mcp->where = place->second.url;
  mcp->token = place->second.token;
}

void connect_probes(core::configuration& config) {
  for (auto& [name, spec] : config.services) {
    if (spec.ready) connect(spec.ready->target, config);
    if (spec.live) connect(spec.live->target, config);
  }
}

}  // namespace

void complete(core::configuration& config, const std::string& home) {
  complete_paths(config, home);
  connect_probes(config);
}

}  // namespace workspaced::config
