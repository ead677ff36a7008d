#include "app/registrar.hpp"

#include "logs/daemon_log.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <utility>

namespace workspaced::app {

registrar::registrar(boost::asio::io_context& loop, supervisor::supervisor& services,
                     std::optional<claude::location> where)
    : loop_(loop), services_(services) {
  if (where) registration_.emplace(loop.get_executor(), std::move(*where));
  services_.on_change([this](const std::string& service, const core::state_changed& what) {
    if (what.current == core::status::ready) register_servers_of(service);
  });
}

void registrar::configure(const std::map<std::string, core::mcp_spec>& servers) {
  servers_ = servers;
  for (const std::string& service : services_.names()) {
    if (services_.view(service).is_ready()) register_servers_of(service);
  }
}

void registrar::register_servers_of(const std::string& service) {
  std::vector<claude::change> changes;
  for (const auto& [name, server] : servers_) {
    if (server.service != service || server.claude.scope != core::claude_scope::user || !server.url) continue;
    const auto* const token = std::get_if<core::secret_text>(&server.token);
    changes.push_back(claude::set_server{name, "http://" + server.url->host_header + server.url->path,
                                         token == nullptr ? "" : token->value});
  }
  if (changes.empty() || !registration_) return;
  const auto report = [service](std::exception_ptr failure, claude::outcome outcome) {
    if (failure) return logs::error("registering with Claude Code failed unexpectedly", service);
    if (outcome.what == claude::outcome::kind::failed) return logs::error(outcome.detail, service);
    if (outcome.what == claude::outcome::kind::written) logs::info("registered with Claude Code", service);
  };
  boost::asio::co_spawn(loop_, registration_->apply(std::move(changes)), report);
}

}  // namespace workspaced::app
