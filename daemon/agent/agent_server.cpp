#include "agent/agent_server.hpp"

#include <utility>

namespace workspaced::agent {
namespace {

constexpr std::string_view instructions =
    "workspaced runs the long-lived programs of this workspace (servers, watchers, databases) and keeps them "
    "up. "
    "Before you start a server yourself, call list_services: it may run already, and a second one finds its "
    "port "
    "taken. After a change, restart_service restarts a service and waits until it is ready; where that tool "
    "is "
    "missing or refuses, ask the user. When something does not work, check_health and events say what "
    "happened, "
    "read_logs what the service wrote; give its cursor back to read only what is new.";

mcp::server_options about(const std::string& version) {
  mcp::server_options out;
  out.name = "workspaced";
  out.title = "Services of this workspace";
  out.version = version;
  out.instructions = instructions;
  return out;
}

}  // namespace

agent_server::agent_server(boost::asio::any_io_executor executor, api::control& daemon, options settings,
                           other_tools* others)
    : aggregate_(settings.aggregate),
      others_(others),
      tools_(std::make_shared<toolbox>(daemon, std::move(settings.log_of), settings.now)),
      server_(executor, about(settings.version)) {
  tools_->allow(std::move(settings.control));
  tools_->journal.follow(executor, daemon.subscribe(), std::move(settings.now));
  if (others_ != nullptr) others_->when_changed = [this] { offer(); };
  offer();
}

agent_server::~agent_server() {
  if (others_ != nullptr) others_->when_changed = nullptr;
}

void agent_server::configure(std::vector<std::string> control, bool aggregate) {
  tools_->allow(std::move(control));
  aggregate_ = aggregate;
  offer();
}

/// Our tools first, then those of others.
void agent_server::offer() {
  std::vector<mcp::tool> all = tools_->tools();
  if (aggregate_ && others_ != nullptr) {
    for (other_tools::entry& each : others_->list()) {
      mcp::handler run = [others = others_, name = each.name](mcp::call& from) {
        return others->call(name, std::string(from.arguments()));
      };
      all.push_back({std::move(each.name), std::move(each.definition), std::nullopt, std::move(run)});
    }
  }
  server_.set_tools(std::move(all));
}

std::vector<http::route> agent_server::routes() {
  const auto answer = [this](const http::request& what) { return server_.answer(what); };
  return {
      {http::method::post, "/mcp", http::access::read, answer, "Our own MCP server: one message"},
      {http::method::get, "/mcp", http::access::read, answer, "Its events, for clients of before 2026-07-28"},
      {http::method::del, "/mcp", http::access::read, answer, "Ends a session of theirs"}};
}

}  // namespace workspaced::agent
