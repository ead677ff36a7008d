#include "ctl/doctor/report.hpp"

#include "ctl/wrap.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace workspaced::ctl::doctor {
namespace {

using json = nlohmann::ordered_json;

constexpr std::array words = {"ok", "warning", "failed", "skipped"};
constexpr std::array colours = {"\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[2m"};
constexpr auto reset = "\x1b[0m";

constexpr std::size_t level_columns = 7;  // "warning"
constexpr std::size_t narrowest = 60;
constexpr std::size_t longest_text = 1000;  // of what others have said

std::size_t count(const std::vector<result_of_check>& all, level what) {
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [what](const result_of_check& each) { return each.found.what == what; }));
}

std::string row(const result_of_check& each, std::size_t name_columns, const style& how) {
  const auto level = static_cast<std::size_t>(each.found.what);
  const std::size_t indent = 2 + level_columns + 2 + name_columns + 2;
  const std::size_t columns = std::max(how.columns, narrowest);
  std::string out(indent, ' ');
  wrap(out, fit(each.found.seen, longest_text), indent, columns);
  if (!each.found.fix.empty()) {
    out.append(indent, ' ') += "fix: ";
    wrap(out, fit(each.found.fix, longest_text), indent + 5, columns);
  }
  // Last, because colour has no width.
  const std::string word = pad(words[level], level_columns);
  return out.replace(0, indent,
                     "  " + (how.colour ? colours[level] + word + reset : word) + "  " +
                         pad(each.which->name, name_columns) + "  ");
}

}  // namespace

std::string report_text(const std::vector<result_of_check>& all, const style& how) {
  std::size_t name_columns = 0;
  for (const auto& each : all) name_columns = std::max(name_columns, each.which->name.size());
  std::string out;
  std::string_view area;
  for (const auto& each : all) {
    if (each.which->area != area) {
      area = each.which->area;
      (out += area) += '\n';
    }
    out += row(each, name_columns, how);
  }
  out += '\n';
  for (std::size_t i = 0; i < words.size(); ++i) {
    out += (i == 0 ? "" : ", ") + std::to_string(count(all, static_cast<level>(i))) + " " + words[i];
  }
  return out + '\n';
}

std::string report_json(const std::vector<result_of_check>& all) {
  json out{{"checks", json::array()}};
  for (const auto& each : all) {
    out["checks"].push_back({{"check", each.which->name},
                             {"area", each.which->area},
                             {"result", words[static_cast<std::size_t>(each.found.what)]},
                             {"seen", each.found.seen},
                             {"fix", each.found.fix}});
  }
  for (std::size_t i = 0; i < words.size(); ++i) out[words[i]] = count(all, static_cast<level>(i));
  out["exit_code"] = static_cast<int>(conclusion(all));
  return out.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

}  // namespace workspaced::ctl::doctor
