#include "door/doors.hpp"

#include "core/nearest.hpp"
#include "core/probe_text.hpp"
#include "door/http_upstream.hpp"

#include <utility>

namespace workspaced::door {
namespace {

namespace asio = boost::asio;
using http::access;
using http::method;
using http::request;
using http::response;

}  // namespace

doors::doors(asio::any_io_executor executor, os::process_table& processes, settings all)
    : executor_(std::move(executor)), processes_(processes), settings_(std::move(all)) {}

doors::~doors() { close(); }

doors::entry doors::make(const core::mcp_spec& spec) {
  entry out{spec, nullptr, nullptr};
  std::unique_ptr<upstream> way;
  if (spec.url) {
    way = std::make_unique<http_upstream>(
        executor_, processes_, http_upstream::settings{*spec.url, spec.token, settings_.environment});
  } else {
    auto stdio = std::make_unique<stdio_upstream>(executor_);
    out.stdio = stdio.get();
    way = std::move(stdio);
  }
  auto behind = std::make_shared<server>(
      executor_,
      server::settings{spec.name, settings_.directory + "/" + spec.name + ".json", settings_.report},
      std::move(way));
  if (out.stdio != nullptr) {
    out.stdio->when_told = [weak = std::weak_ptr(behind)](const mcp::message& what) {
      if (const auto self = weak.lock()) self->heard(what);
    };
  }
  door::settings chosen;
  chosen.name = spec.name;
  chosen.service = spec.service;
  chosen.target = spec.url ? core::describe(*spec.url).substr(5) : "stdio";
  chosen.hold_timeout = spec.hold_timeout;
  chosen.call_timeout = spec.call_timeout;
  chosen.report = settings_.report;
  chosen.when_tools_changed = [this] {
    if (when_tools_changed) when_tools_changed();
  };
  out.at = std::make_shared<door>(executor_, std::move(chosen), std::move(behind));
  out.at->begin();
  return out;
}

void doors::configure(const std::map<std::string, core::mcp_spec>& servers) {
  std::erase_if(all_, [&servers](auto& item) {
    const auto place = servers.find(item.first);
    // Who is told of a door does not touch it.
    core::mcp_spec wanted = place == servers.end() ? core::mcp_spec() : place->second;
    wanted.claude = item.second.spec.claude;
    wanted.clients = item.second.spec.clients;
    if (wanted == item.second.spec) return false;
    item.second.at->close();
    return true;
  });
  for (const auto& [name, spec] : servers) {
    const auto [place, fresh] = all_.try_emplace(name);
    if (!fresh) continue;
    place->second = make(spec);
    tell(place->second);
  }
  if (when_tools_changed) when_tools_changed();
}

/// What is known of its service.
void doors::tell(entry& which) {
  const service_state& now = services_[which.spec.service];
  const bool here = now.state == core::status::ready || now.state == core::status::degraded;
  here ? which.at->behind().arrive(now.run) : which.at->behind().leave();
}

void doors::service_is(const std::string& service, core::status state, std::uint64_t run) {
  services_[service] = {state, run};
  for (auto& [name, each] : all_) {
    if (each.spec.service == service) tell(each);
  }
}

void doors::attach(const std::string& service, std::uint64_t run, os::unique_fd to, os::unique_fd from) {
  const auto place = all_.find(service);
  if (place == all_.end() || place->second.stdio == nullptr) return;
  place->second.stdio->attach(std::move(to), std::move(from));
  place->second.at->behind().meet(run);
}

void doors::detach(const std::string& service) {
  const auto place = all_.find(service);
  if (place != all_.end() && place->second.stdio != nullptr) place->second.stdio->detach();
}

asio::awaitable<checks::probe_result> doors::probe(std::string service) {
  checks::probe_result result;
  const auto at = find(service);
  if (!at) {
    result.answer = "there is no door for it";
    co_return result;
  }
  result.answer = co_await at->behind().get_to_know();
  result.ok = result.answer.empty();
  if (result.ok) {
    const auto& facts = at->behind().facts();
    result.answer = facts.title() + ", " + std::to_string(facts.tools()) + " tools";
  }
  co_return result;
}

void doors::close() {
  for (auto& [name, each] : all_) each.at->close();
}

std::shared_ptr<door> doors::find(const std::string& name) const {
  const auto place = all_.find(name);
  return place == all_.end() ? nullptr : place->second.at;
}

std::vector<std::string> doors::names() const {
  std::vector<std::string> out;
  for (const auto& [name, each] : all_) out.push_back(name);
  return out;
}

std::vector<core::door_view> doors::views() const {
  std::vector<core::door_view> out;
  for (const auto& [name, each] : all_) out.push_back(each.at->view());
  return out;
}

std::vector<http::route> doors::routes() {
  const auto to = [this](response (door::*handle)(const request&)) {
    return [this, handle](const request& what) {
      const std::string name = what.parameter("name");
      const auto at = find(name);
      if (at) return (at.get()->*handle)(what);
      std::string text = "no MCP server is called '" + name + "'";
      if (const auto near = core::nearest(name, names())) text += "; did you mean '" + *near + "'?";
      return response::problem(404, "Not Found", text);
    };
  };
  return {
      {method::post, "/mcp/{name}", access::read, to(&door::post), "The front door of an MCP server"},
      {method::get, "/mcp/{name}", access::read, to(&door::get), "What the server says unasked, as events"},
      {method::del, "/mcp/{name}", access::read, to(&door::del), "Ends a session at the door"}};
}

}  // namespace workspaced::door
