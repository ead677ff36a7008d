#include "ctl/mcp_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace workspaced::ctl {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view reset = "\x1b[0m";
constexpr std::size_t state_columns = 15;   // "changed by hand"
constexpr std::size_t longest_text = 2000;  // of a value that somebody else wrote

std::string joined(const json& keys) {
  std::string text;
  for (const auto& each : keys) (text += text.empty() ? "" : ".") += each.get<std::string>();
  return text;
}

/// Throws what nlohmann throws when a member is missing or of another type.
registration from_document(const json& from) {
  registration one;
  one.server = from.at("server");
  one.program = from.at("program");
  one.scope = from.at("scope");
  one.file = from.at("file");
  one.at = joined(from.at("at"));
  one.state = from.at("state");
  one.fine = from.at("fine");
  one.detail = from.at("detail");
  for (const auto& each : from.at("differences"))
    one.differences.push_back({each.at("member"), each.at("wanted"), each.at("found")});
  return one;
}

std::string_view colour_of(const registration& one) {
  if (one.state == "in place") return "\x1b[32m";
  if (one.state == "not wanted") return "\x1b[2m";
  return one.state == "changed by hand" ? "\x1b[33m" : "\x1b[31m";
}

std::string who(const registration& one) {
  return one.scope.empty() ? one.program : one.program + " " + one.scope;
}

std::string value(const std::string& text) { return text.empty() ? "nothing" : fit(text, longest_text); }

std::string line(const registration& one, std::size_t server_columns, std::size_t who_columns,
                 const style& how) {
  std::string state = pad(one.state, state_columns);
  if (how.colour) state = std::string(colour_of(one)) + state + std::string(reset);
  std::string out = pad(one.server, server_columns) + "  " + pad(who(one), who_columns) + "  " + state;
  if (!one.file.empty()) out += "  " + fit(one.file, longest_text) + ": " + fit(one.at, longest_text);
  while (out.ends_with(' ')) out.pop_back();
  out += '\n';
  for (const registration::difference& each : one.differences)
    out += "    " + each.member + " is " + value(each.found) + ", should be " + value(each.wanted) + '\n';
  if (!one.detail.empty()) out += "    " + fit(one.detail, longest_text) + '\n';
  return out;
}

}  // namespace

std::optional<std::vector<registration>> read_registrations(std::string_view document) {
  try {
    std::vector<registration> all;
    const auto whole = json::parse(document);
    for (const auto& each : whole.at("entries")) all.push_back(from_document(each));
    return all;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::string registrations_text(const std::vector<registration>& all, const style& how) {
  std::size_t server_columns = 0;
  std::size_t who_columns = 0;
  for (const registration& each : all) {
    server_columns = std::max(server_columns, each.server.size());
    who_columns = std::max(who_columns, who(each).size());
  }
  std::string out;
  for (const registration& each : all) out += line(each, server_columns, who_columns, how);
  return out;
}

std::string order_body(const std::vector<std::string>& names, bool force) {
  json body = json::object();
  if (!names.empty()) body["names"] = names;
  if (force) body["force"] = true;
  return body.empty() ? "" : body.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace workspaced::ctl
