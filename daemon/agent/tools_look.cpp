// Tools that change nothing.
#include "agent/toolbox.hpp"
#include "api/json.hpp"

#include <utility>

namespace workspaced::agent {
namespace {

constexpr mcp::hints looks = {true, false, true, false};
constexpr std::size_t usual_lines = 100;
constexpr std::size_t usual_events = 50;

const std::string page_argument =
    R"("cursor":{"type":"string","description":"next_cursor of the page before; leave it out for the first"})";

mcp::outcome old_cursor() {
  return mcp::outcome(mcp::tool_error(
      "This cursor is not of this tool, or workspaced was restarted since. Call again without cursor."));
}

std::size_t count(const mcp::call& from, const std::string& name, std::size_t otherwise) {
  return static_cast<std::size_t>(from.number(name).value_or(static_cast<double>(otherwise)));
}

}  // namespace

void toolbox::add_looking(std::vector<mcp::tool>& all) {
  all.push_back(
      make_tool({"list_services", "List services",
                 "All services of this workspace with state, reason, pid, ports' probes and last run. Look "
                 "here before you start a server yourself: it may run already.",
                 arguments_schema(page_argument, ""), std::string(fleet_schema), looks},
                bind(&toolbox::list_services)));
  all.push_back(make_tool(
      {"service_status", "Status of a service", "One service: what state it is in, since when and why.",
       arguments_schema(std::string(name_argument), R"("name")"), std::string(service_schema), looks},
      bind(&toolbox::service_status)));
  all.push_back(make_tool(
      {"read_logs", "Read a service's log",
       "The last lines that a service wrote to stdout and stderr, or with cursor what it wrote since your "
       "last look.",
       arguments_schema(
           std::string(name_argument) +
               R"(,"lines":{"type":"integer","minimum":1,"maximum":200,"description":"at most; 100 if you do not say"},)"
               R"("cursor":{"type":"string","description":"of an earlier answer: only what came after it"},)"
               R"("grep":{"type":"string","maxLength":200,"description":"only lines that contain this text; upper and lower case are the same"})",
           R"("name")"),
       std::string(log_schema), looks},
      bind(&toolbox::read_logs)));
  all.push_back(make_tool(
      {"check_health", "Check health",
       "Whether every required service is ready, and each one's state; with name of that service alone.",
       arguments_schema(std::string(name_argument) + "," + page_argument, ""), std::string(health_schema),
       looks},
      bind(&toolbox::check_health)));
  all.push_back(make_tool(
      {"events", "Recent changes",
       "The latest changes of services: what became ready, failed or was restarted, and why; with cursor "
       "what "
       "happened since your last look.",
       arguments_schema(
           R"("service":{"type":"string","description":"only of this one"},)"
           R"("cursor":{"type":"string","description":"of an earlier answer: only what came after it"},)"
           R"("limit":{"type":"integer","minimum":1,"maximum":100,"description":"at most; 50 if you do not say"})",
           ""),
       std::string(events_schema), looks},
      bind(&toolbox::events)));
}

mcp::outcome toolbox::list_services(mcp::call& from) {
  return mcp::outcome(
      mcp::structured_result(fleet_page(daemon_.view(), from.text("cursor").value_or(""), now_())));
}

mcp::outcome toolbox::service_status(mcp::call& from) {
  auto found = named(from);
  if (auto* unknown = std::get_if<mcp::outcome>(&found)) return std::move(*unknown);
  return mcp::outcome(shown(std::get<core::service_view>(found)));
}

mcp::outcome toolbox::read_logs(mcp::call& from) {
  auto found = named(from);
  if (auto* unknown = std::get_if<mcp::outcome>(&found)) return std::move(*unknown);
  const std::string& name = std::get<core::service_view>(found).name;
  log_question what{{}, count(from, "lines", usual_lines), from.text("grep").value_or("")};
  if (const auto cursor = from.text("cursor")) {
    what.from = cursors_.read(*cursor);
    if (!what.from) return old_cursor();
  }
  const auto log = log_of_(name);
  const log_page page = log ? read_log(log->file(), what) : log_page();
  return mcp::outcome(mcp::structured_result(log_document(name, page, cursors_)));
}

mcp::outcome toolbox::check_health(mcp::call& from) {
  if (!from.text("name"))
    return mcp::outcome(
        mcp::structured_result(health_page(daemon_.view(), from.text("cursor").value_or(""))));
  auto found = named(from);
  if (auto* unknown = std::get_if<mcp::outcome>(&found)) return std::move(*unknown);
  const auto& service = std::get<core::service_view>(found);
  return mcp::outcome(mcp::structured_result(api::health_document(service, service.is_ready())));
}

mcp::outcome toolbox::events(mcp::call& from) {
  event_question what{{}, from.text("service").value_or(""), count(from, "limit", usual_events)};
  if (const auto cursor = from.text("cursor")) {
    what.after = cursors_.read(*cursor);
    if (!what.after) return old_cursor();
  }
  return mcp::outcome(mcp::structured_result(events_document(journal, what, cursors_)));
}

}  // namespace workspaced::agent
