#include "ctl/render.hpp"

#include "core/durations.hpp"
#include "ctl/door_text.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>
#include <utility>

namespace workspaced::ctl {
namespace {

using core::service_view;
using core::status;

constexpr std::string_view reset = "\x1b[0m";
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view dim = "\x1b[2m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::size_t narrowest_table = 64;

std::string_view colour_of(status state) {
  switch (state) {
    case status::ready:
    case status::completed: return "\x1b[32m";
    case status::waiting:
    case status::starting:
    case status::stopping: return "\x1b[36m";
    case status::degraded: return yellow;
    case status::backoff:
    case status::failed: return "\x1b[31m";
    case status::stopped: return dim;
  }
  return {};
}

std::string_view mark_of(status state) {
  switch (state) {
    case status::ready:
    case status::completed: return "✔";
    case status::backoff:
    case status::failed: return "✘";
    case status::degraded: return "!";
    case status::stopped: return "-";
    case status::waiting:
    case status::starting:
    case status::stopping: return "…";
  }
  return " ";
}

std::string paint(std::string_view text, std::string_view colour, const style& how) {
  std::string out;
  if (!how.colour || colour.empty()) return out = text;
  return ((out += colour) += text) += reset;
}

bool begins_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_code_point));
}

std::string right(std::string_view text, std::size_t columns) {
  const auto used = columns_of(text);
  return std::string(columns > used ? columns - used : 0, ' ') + std::string(text);
}

std::size_t longest_name(const core::fleet_view& fleet, std::size_t least, std::size_t most) {
  std::size_t out = least;
  for (const auto& service : fleet.services) out = std::max(out, columns_of(service.name));
  return std::min(out, most);
}

// The widths of the table's columns; state, uptime and restarts have theirs by nature.
struct table_layout {
  std::size_t name;
  std::size_t pid = 3;
  std::size_t reason;
};

table_layout layout_of(const core::fleet_view& fleet, std::size_t columns) {
  table_layout out{longest_name(fleet, 4, columns >= 80 ? 24 : 16), 3, 0};
  for (const auto& service : fleet.services) {
    if (service.pid) out.pid = std::max(out.pid, std::to_string(*service.pid).size());
  }
  out.reason = columns - (out.name + 2 + 9 + 2 + out.pid + 2 + 6 + 2 + 8 + 2);
  return out;
}

std::string status_row(const service_view& service, const table_layout& wide, const style& how) {
  const auto restarts = std::accumulate(service.restarts.begin(), service.restarts.end(), std::uint64_t{0});
  std::string out = pad(service.name, wide.name) + "  ";
  out += paint(pad(core::to_string(service.state), 9), colour_of(service.state), how) + "  ";
  out += right(service.pid ? std::to_string(*service.pid) : "-", wide.pid) + "  ";
  out += right(service.up_for ? compact(*service.up_for) : "-", 6) + "  ";
  out += right(std::to_string(restarts), 8) + "  ";
  return out += fit(service.reason, wide.reason) + '\n';
}

std::string age(core::duration value) { return core::in_words(value) + " ago"; }

std::string_view name_of(core::dependency_condition condition) {
  switch (condition) {
    case core::dependency_condition::started: return "started";
    case core::dependency_condition::ready: return "ready";
    case core::dependency_condition::completed: return "completed";
  }
  return {};
}

std::string probe_line(const core::probe_view& probe) {
  std::string out{core::to_string(probe.kind)};
  out += " probe " + fit(probe.target, 200) + ": " + fit(probe.answer, 400);
  return out + (probe.ok ? " (ok, " : " (fails, ") + age(probe.age) + ")";
}

std::string last_run_line(const core::ended_run& last) {
  return "run " + std::to_string(last.run) + " ended " + age(last.age) + " after " +
         core::in_words(last.lasted) + ": " + fit(last.reason, 400);
}

// What is known about one service besides its reason, a line each.
std::vector<std::string> facts(const service_view& service) {
  std::vector<std::string> out;
  if (service.probe && !(service.probe->ok && service.is_ready())) out.push_back(probe_line(*service.probe));
  if (service.last_run) out.push_back(last_run_line(*service.last_run));
  if (service.failures > 1) out.push_back(std::to_string(service.failures) + " failed runs in a row");
  if (service.next_retry) out.push_back("next attempt in " + core::in_words(*service.next_retry));
  return out;
}

// The chain of `why`: depth first, a service that was explained already is only named.
struct explainer {
  const core::fleet_view& fleet;
  const style& how;
  std::set<std::string> seen = {};
  std::string out = {};

  void line(std::size_t depth, const std::string& text) { out += std::string(depth * 2, ' ') + text + '\n'; }

  void explain(const std::string& name, std::size_t depth) {
    const auto* service = fleet.find(name);
    if (!service) return line(depth, name + " is not configured");
    const std::string state{core::to_string(service->state)};
    const auto head = paint(name, bold, how) + " is " + paint(state, colour_of(service->state), how);
    if (!seen.insert(name).second) return line(depth, head + " (see above)");
    line(depth, head + " for " + core::in_words(service->in_state) + ": " + fit(service->reason, 400));
    for (const auto& fact : facts(*service)) line(depth + 1, fact);
    if (service->is_ready() || service->pid) return;
    for (const auto& needs : service->depends_on) {
      if (needs.met) continue;
      line(depth + 1, "needs " + needs.name + " to be " + std::string(name_of(needs.condition)) + ":");
      explain(needs.name, depth + 2);
    }
  }
};

std::string tail_of(const std::string& name, const log_tails& logs, const style& how) {
  const auto it = logs.find(name);
  if (it == logs.end()) return {};
  if (it->second.empty()) return paint("no log lines of " + name, dim, how) + '\n';
  std::string out = paint("last log lines of " + name + ":", dim, how) + '\n';
  for (const auto& line : it->second) out += "  | " + fit(line, 1000) + '\n';
  return out;
}

}  // namespace

std::string fit(std::string_view text, std::size_t columns) {
  std::string out;
  std::size_t used = 0;
  std::size_t keep = 0;  // bytes of `out` that leave room for the ellipsis
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (begins_code_point(c)) {
      if (used == columns) {
        out.resize(keep);
        return columns == 0 ? out : out += "…";
      }
      if (used + 1 == columns) keep = out.size();
      ++used;
    }
    out += control ? ' ' : c;
  }
  return out;
}

std::string pad(std::string_view text, std::size_t columns) {
  auto out = fit(text, columns);
  out.append(columns - columns_of(out), ' ');
  return out;
}

std::string compact(core::duration value) {
  const auto s = std::chrono::duration_cast<std::chrono::seconds>(value).count();
  const auto two = [](auto n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  if (s < 60) return std::to_string(s) + "s";
  if (s < 3600) return std::to_string(s / 60) + "m" + two(s % 60) + "s";
  if (s < 86'400) return std::to_string(s / 3600) + "h" + two(s % 3600 / 60) + "m";
  return std::to_string(s / 86'400) + "d" + two(s % 86'400 / 3600) + "h";
}

std::string health_line(const core::fleet_view& fleet) {
  const auto names = counting(fleet);
  const auto ready = std::count_if(
      names.begin(), names.end(), [&fleet](const std::string& name) { return fleet.find(name)->is_ready(); });
  if (fleet.daemon.stopping) return "the daemon is stopping";
  if (names.empty()) return "no required services";
  if (names.size() == 1)
    return ready == 1 ? "the required service is ready" : "the required service is not ready";
  return std::to_string(ready) + " of " + std::to_string(names.size()) + " required services are ready";
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) (out += out.empty() ? "" : ", ") += name;
  return out;
}

/// What is not as in the configuration's files.
std::string edits_lines(const core::fleet_view& fleet) {
  std::vector<std::string> added;
  for (const auto& service : fleet.services) {
    if (service.until_reload) added.push_back(service.name);
  }
  std::string out;
  if (!added.empty()) out += "added until the next reload: " + listed(added) + '\n';
  if (!fleet.daemon.removed.empty())
    out += "removed until the next reload: " + listed(fleet.daemon.removed) + '\n';
  return out.empty() ? out : '\n' + out;
}

std::string status_table(const core::fleet_view& fleet, const style& how) {
  if (fleet.services.empty()) return "no services in " + fleet.daemon.config_file + '\n' + edits_lines(fleet);
  const auto columns = std::max<std::size_t>(how.columns, narrowest_table);
  const auto layout = layout_of(fleet, columns);
  auto out = paint(pad("NAME", layout.name) + "  STATE      " + right("PID", layout.pid) +
                       "  UPTIME  RESTARTS  REASON",
                   bold, how) +
             '\n';
  for (const auto& service : fleet.services) out += status_row(service, layout, how);
  if (!fleet.doors.empty()) out += '\n' + door_table(fleet, how);
  out += edits_lines(fleet);
  std::string closing = health_line(fleet);
  for (const auto& name : counting(fleet)) {
    if (fleet.find(name)->is_ready()) continue;
    closing += "; try: workspacectl why " + name;
    break;
  }
  return out + '\n' + fit(closing, columns) + '\n';
}

std::string progress_line(const service_view& service, std::size_t name_columns, const style& how) {
  std::string mark{mark_of(service.state)};
  std::string out = paint(mark, colour_of(service.state), how) + " " + pad(service.name, name_columns) + "  ";
  out += paint(pad(core::to_string(service.state), 9), colour_of(service.state), how) + "  ";
  const auto used = 2 + name_columns + 2 + 9 + 2;
  std::string detail = service.reason;
  if (service.is_ready() && service.ready_after) detail = "after " + core::in_words(*service.ready_after);
  return out + fit(detail, how.columns > used ? how.columns - used : 1);
}

std::string explanation(const core::fleet_view& fleet, const std::string& name, const log_tails& logs,
                        const style& how) {
  explainer chain{fleet, how};
  chain.explain(name, 0);
  for (const auto& [service, lines] : logs) chain.out += tail_of(service, logs, how);
  for (const auto& door : fleet.doors) {
    if (door.service == name) chain.out += door_line(door) + '\n';
  }
  const auto* service = fleet.find(name);
  if (service) {
    for (const std::string& each : service->warnings)
      chain.out += paint("warning: " + each, yellow, how) + '\n';
  }
  if (service && !service->log_file.empty())
    chain.out += paint("log file: " + service->log_file, dim, how) + '\n';
  return std::move(chain.out);
}

std::string complaint(std::string_view head, const core::fleet_view& fleet,
                      const std::vector<std::string>& culprits, const log_tails& logs) {
  std::string out{head};
  out += '\n';
  const style plain;
  for (const auto& name : culprits) {
    const auto* service = fleet.find(name);
    if (!service) {
      out += name + ": no longer configured\n";
      continue;
    }
    out +=
        name + ": " + std::string(core::to_string(service->state)) + ": " + fit(service->reason, 400) + '\n';
    for (const auto& fact : facts(*service)) out += "  " + fact + '\n';
    out += tail_of(name, logs, plain);
  }
  return out;
}

std::string log_prefix(std::string_view name, std::size_t name_columns, std::size_t index, const style& how) {
  static constexpr std::string_view colours[] = {"\x1b[36m", "\x1b[33m", "\x1b[32m",
                                                 "\x1b[35m", "\x1b[34m", "\x1b[31m"};
  return paint(pad(name, name_columns) + " |", colours[index % std::size(colours)], how) + " ";
}

}  // namespace workspaced::ctl
