#include "ctl/door_text.hpp"

#include <algorithm>
#include <numeric>

namespace workspaced::ctl {
namespace {

constexpr std::size_t narrowest = 64;

std::string right(const std::string& text, std::size_t columns) {
  return text.size() >= columns ? text : std::string(columns - text.size(), ' ') + text;
}

std::uint64_t requests_of(const core::door_view& door) {
  const auto& all = door.figures.outcomes;
  return std::accumulate(all.begin(), all.end(), std::uint64_t{0});
}

std::string counted(std::uint64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

}  // namespace

std::string door_table(const core::fleet_view& fleet, const style& how) {
  std::size_t name = 8;
  for (const auto& door : fleet.doors) name = std::max(name, std::min<std::size_t>(door.name.size(), 24));
  const std::size_t columns = std::max(how.columns, narrowest);
  std::string out = pad("MCP DOOR", name) + "  STATE    TOOLS  REQUESTS   HELD  SERVER\n";
  for (const auto& door : fleet.doors) {
    std::string line = pad(door.name, name) + (door.open ? "  open   " : "  holding") +
                       right(std::to_string(door.tools), 7) + right(std::to_string(requests_of(door)), 10) +
                       right(std::to_string(door.figures.held), 7) + "  ";
    line += door.server.empty() ? "never seen" : door.server;
    if (!door.problem.empty()) line += ": " + door.problem;
    out += fit(line, columns) + '\n';
  }
  return out;
}

std::string door_line(const core::door_view& door) {
  std::string line = "MCP door /mcp/" + door.name + " (to " + door.target + "): ";
  line += door.open ? "open" : "holds calls until the service is ready";
  line += door.server.empty() ? ", the server was never seen" : ", " + door.server;
  if (!door.server.empty()) line += ", " + counted(door.tools, "tool");
  if (door.figures.held > 0) line += ", " + counted(door.figures.held, "call") + " waiting";
  if (!door.problem.empty()) line += "; last problem: " + door.problem;
  return line;
}

}  // namespace workspaced::ctl
