#include "agent/toolbox.hpp"

#include "api/json.hpp"
#include "core/nearest.hpp"

#include <utility>

namespace workspaced::agent {

namespace asio = boost::asio;

toolbox::toolbox(api::control& daemon, log_finder log_of, api::clock now)
    : daemon_(daemon), log_of_(std::move(log_of)), now_(std::move(now)) {}

std::vector<mcp::tool> toolbox::tools() {
  std::vector<mcp::tool> all;
  add_looking(all);
  add_controlling(all);
  return all;
}

mcp::handler toolbox::bind(tool_answer answer) {
  return [self = shared_from_this(), answer](mcp::call& from) -> asio::awaitable<mcp::outcome> {
    co_return (self.get()->*answer)(from);
  };
}

mcp::handler toolbox::bind(tool_handler run) {
  return [self = shared_from_this(), run](mcp::call& from) { return (self.get()->*run)(from); };
}

std::variant<core::service_view, mcp::outcome> toolbox::named(const mcp::call& from) const {
  const std::string name = from.text("name").value_or("");
  const core::fleet_view fleet = daemon_.view();
  if (const core::service_view* found = fleet.find(name)) return *found;
  std::vector<std::string> names;
  for (const core::service_view& each : fleet.services) names.push_back(each.name);
  const auto near = core::nearest(name, names);
  return mcp::outcome(mcp::tool_error("No service is called " + mcp::printable(name) + "; " +
                                      (near ? "did you mean " + *near + "?" : "list_services shows all.")));
}

std::string toolbox::shown(const core::service_view& service) const {
  return mcp::structured_result(api::service_document(service, now_()));
}

std::string arguments_schema(const std::string& properties, const std::string& required) {
  return R"({"type":"object","properties":{)" + properties + R"(},"required":[)" + required +
         R"(],"additionalProperties":false})";
}

}  // namespace workspaced::agent
