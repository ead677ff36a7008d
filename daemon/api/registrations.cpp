#include "api/registrations.hpp"

#include "api/control.hpp"
#include "api/json_writer.hpp"
#include "api/problem.hpp"
#include "api/requests.hpp"
#include "core/nearest.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace workspaced::api {
namespace {

using http::access;
using http::method;
using http::request;
using http::response;

/// Empty if there is a server of this name.
std::string unknown_text(const std::vector<registration_view>& all, const std::string& name) {
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const registration_view& each : all) names.push_back(each.server);
  if (std::find(names.begin(), names.end(), name) != names.end()) return {};
  std::string text = "no MCP server is called '" + name + "'";
  if (const auto near = core::nearest(name, names)) text += "; did you mean '" + *near + "'?";
  return text;
}

void write(json_writer& out, const registration_view& one) {
  out.begin_object();
  out.member("server", one.server);
  out.member("program", one.program);
  out.member("scope", one.scope);
  out.member("file", one.file);
  out.list("at", one.at);
  out.member("state", one.state);
  out.member("fine", one.fine);
  out.member("detail", one.detail);
  out.key("differences");
  out.begin_array();
  for (const registration_difference& each : one.differences) {
    out.begin_object();
    out.member("member", each.member);
    out.member("wanted", each.wanted);
    out.member("found", each.found);
    out.end_object();
  }
  out.end_array();
  out.end_object();
}

using action = boost::asio::awaitable<void> (registry::*)(std::vector<std::string>, bool);

/// A sync or a removal, and the list when it is done.
class round : public http::deferred {
 public:
  round(registry& all, action what, registration_order order)
      : all_(all), what_(what), order_(std::move(order)) {}

  boost::asio::awaitable<response> answer() override {
    co_await (all_.*what_)(std::move(order_.names), order_.force);
    co_return response::json(registrations_document(all_.list()) + "\n");
  }

 private:
  registry& all_;
  action what_;
  registration_order order_;
};

response list(registry& all) { return response::json(registrations_document(all.list()) + "\n"); }

response headers(registry& all, const request& what) {
  const std::string unknown = unknown_text(all.list(), what.parameter("name"));
  if (!unknown.empty()) return problem(404, unknown);
  json_writer out;
  out.begin_object();
  for (const auto& [name, content] : all.headers()) out.member(name, content);
  out.end_object();
  response answer = response::json(out.take() + "\n");
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

response act(registry& all, action what, const request& asked) {
  auto order = read_registration_order(asked.body);
  if (!order) return problem(400, order.error().message);
  const auto known = all.list();
  std::string problems;
  for (const std::string& name : order->names) {
    const std::string unknown = unknown_text(known, name);
    if (!unknown.empty()) problems += (problems.empty() ? "" : " ") + unknown;
  }
  if (!problems.empty()) return problem(404, problems);
  return response::after(std::make_unique<round>(all, what, std::move(*order)));
}

}  // namespace

std::string registrations_document(const std::vector<registration_view>& all) {
  json_writer out;
  out.begin_object();
  out.key("entries");
  out.begin_array();
  for (const registration_view& each : all) write(out, each);
  out.end_array();
  out.end_object();
  return out.take();
}

std::vector<http::route> registration_routes(control& daemon) {
  control* const to = &daemon;
  // The headers hold the read token: who may read has it, or is the owner at the socket.
  return {
      {method::get, "/v1/mcp", access::read, [to](const request&) { return list(to->registrations()); },
       "What programs are told about our MCP servers"},
      {method::get, "/v1/mcp/{name}/headers", access::read,
       [to](const request& what) { return headers(to->registrations(), what); },
       "What a client of this server's door sends"},
      {method::post, "/v1/mcp/sync", access::admin,
       [to](const request& what) { return act(to->registrations(), &registry::sync, what); },
       "Write the entries that are not in place"},
      {method::post, "/v1/mcp/remove", access::admin,
       [to](const request& what) { return act(to->registrations(), &registry::remove, what); },
       "Take entries away until the next sync"},
  };
}

}  // namespace workspaced::api
