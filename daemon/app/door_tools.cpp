#include "app/door_tools.hpp"

#include "json/edit.hpp"

#include <utility>

namespace workspaced::app {
namespace {

constexpr std::string_view between = "__";
/// Of a tool's name (2025-11-25, Tools).
constexpr std::size_t longest_name = 128;

std::string text_member(std::string_view object, const std::string& name) {
  const auto found = json::get_member(object, {name});
  return found && *found ? json::string_value(**found).value_or("") : "";
}

mcp::rpc_error error_in(std::string_view error) {
  const auto code = json::get_member(error, {"code"});
  mcp::rpc_error out{mcp::code::internal_error, text_member(error, "message")};
  if (code && *code) out.code = std::atoi(std::string(**code).c_str());
  return out;
}

}  // namespace

door_tools::door_tools(door::doors& all) : all_(all) {
  all_.when_tools_changed = [this] {
    if (when_changed) when_changed();
  };
}

std::vector<agent::other_tools::entry> door_tools::list() const {
  std::vector<entry> out;
  for (const std::string& server : all_.names()) {
    for (const std::string_view tool :
         json::elements(all_.find(server)->behind().facts().items("tools/list"))) {
      std::string name = server + std::string(between) + text_member(tool, "name");
      if (name.size() > longest_name) continue;
      auto definition = json::set_member(tool, {"name"}, json::quote(name));
      if (definition) out.push_back({std::move(name), std::move(*definition)});
    }
  }
  return out;
}

boost::asio::awaitable<mcp::outcome> door_tools::call(std::string name, std::string arguments) {
  // A server's name has no two underscores in a row at its end that the tool's could begin with: the longest
  // one fits.
  std::shared_ptr<door::door> at;
  std::string tool;
  for (const std::string& server : all_.names()) {
    const std::string prefix = server + std::string(between);
    if (!name.starts_with(prefix) || (at && name.size() - prefix.size() > tool.size())) continue;
    at = all_.find(server);
    tool = name.substr(prefix.size());
  }
  if (!at) co_return mcp::rpc_error{mcp::code::invalid_params, "there is no tool " + name};
  std::string params = R"({"name":)" + json::quote(tool) + R"(,"arguments":)" + arguments + "}";
  const mcp::message answer = co_await at->call_tool(std::move(params));
  if (!answer.error().empty()) co_return error_in(answer.error());
  co_return std::string(answer.result());
}

}  // namespace workspaced::app
