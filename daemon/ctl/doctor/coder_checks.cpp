// What Coder's template and agent bring: addresses, logins, secrets.
#include "core/redact.hpp"
#include "ctl/doctor/checks.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

namespace workspaced::ctl::doctor {
namespace {

constexpr std::int64_t tolerated_seconds = 60;
constexpr std::int64_t year_2025 = 1735689600;
constexpr std::size_t fleet_token_size = 43;  // fleet-mcp ends when it is given another one

/// What curl -i prints.
struct http_answer {
  std::string status;  ///< "200"
  std::string date;
  std::string body;
};

http_answer parse_answer(const std::string& text) {
  http_answer out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) break;
    if (line.starts_with("HTTP/")) out.status = line.substr(std::min(line.find(' ') + 1, line.size()), 3);
    std::transform(line.begin(), line.begin() + std::min<std::ptrdiff_t>(5, std::ssize(line)), line.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (line.starts_with("date:"))
      out.date = line.substr(std::min(line.find_first_not_of(' ', 5), line.size()));
  }
  out.body = text.substr(std::min(at, text.size()));
  return out;
}

std::string server_of(const facts& seen) {
  const auto agent = seen.variable("CODER_AGENT_URL");
  return agent.empty() ? seen.variable("CODER_URL") : agent;
}

/// "Sat, 28 Nov 2026 03:28:02 GMT" (RFC 9110, 5.6.7)
std::optional<std::int64_t> moment_of(const std::string& date) {
  std::tm parts{};
  if (::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) return std::nullopt;
  return ::timegm(&parts);
}

std::string utc_text(std::int64_t moment) {
  const std::time_t seconds = moment;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%F %T UTC", &parts);
  return text.data();
}

bool is_token_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/// What is odd about the value of a secret; empty: nothing.
std::string oddness(const std::string& value) {
  if (value.empty()) return "is empty";
  if (value.starts_with("op://")) return "is a reference to 1Password that nobody has followed";
  if (value.starts_with("${") || value.starts_with("{{")) return "is a placeholder that nobody has filled in";
  if (value.find_first_of("\r\n") != std::string::npos && !value.starts_with("-----BEGIN"))
    return "has line breaks in it";
  if (value.front() == ' ' || value.back() == ' ' || value.front() == '"')
    return "begins or ends with a blank or a quote";
  return {};
}

}  // namespace

finding check_coder_agent(const facts& seen) {
  if (!seen.in_coder()) return outside_of_coder();
  std::vector<std::string> missing;
  for (const auto* name : {"CODER_WORKSPACE_NAME", "CODER_WORKSPACE_AGENT_NAME", "CODER_AGENT_URL"}) {
    if (seen.variable(name).empty()) missing.emplace_back(name);
  }
  if (!missing.empty()) {
    return warning(
        "not set: " + listed(missing),
        "start this in a terminal of the workspace or by coder ssh: only processes of the agent have them");
  }
  return ok("workspace " + seen.variable("CODER_WORKSPACE_NAME") + ", agent " +
            seen.variable("CODER_WORKSPACE_AGENT_NAME"));
}

finding check_coder_server(const facts& seen) {
  if (!seen.in_coder()) return outside_of_coder();
  const auto server = server_of(seen);
  if (server.empty()) return skipped("neither CODER_AGENT_URL nor CODER_URL is set");
  const auto& end = seen.coder_answer;
  if (end.what == program_end::how::not_started) return skipped("there is no curl to ask " + server);
  const std::string fix =
      "pods must reach it: coder_url of the template, DNS, network policies; by hand: curl -v " + server;
  if (end.what == program_end::how::ran_out_of_time) return failed(server + " does not answer in time", fix);
  if (end.code != 0) return failed(server + ": " + end.err, fix);
  const auto answer = parse_answer(end.out);
  const auto version = text_member(answer.body, "version");
  if (answer.status != "200" || version.empty())
    return failed(server + " answers " + answer.status + ", and not as a Coder server does", fix);
  return ok(server + " answers, Coder " + version);
}

finding check_clock(const facts& seen) {
  if (seen.now < year_2025)
    return failed("it is " + utc_text(seen.now) + " here",
                  "set the clock of the node: certificates and tokens depend on it");
  const auto theirs =
      seen.coder_answer.good() ? moment_of(parse_answer(seen.coder_answer.out).date) : std::nullopt;
  if (!theirs) return ok(utc_text(seen.now) + ", compared with nobody's");
  const auto apart = std::abs(seen.now - *theirs);
  if (apart <= tolerated_seconds) return ok(utc_text(seen.now) + ", as on the Coder server");
  return warning("this clock and the Coder server's are " + std::to_string(apart) + " s apart",
                 "synchronise the clock of the node: tokens are refused by time");
}

finding check_fleet_token(const facts& seen) {
  const std::string name = "FLEET_MCP_AUTH_TOKEN";
  if (!seen.environment.contains(name)) {
    if (!seen.in_coder()) return outside_of_coder();
    return warning(name + " is not set",
                   "the template sets it with coder_env; without it fleet-mcp does not start");
  }
  const auto token = seen.variable(name);
  const auto size = std::to_string(fleet_token_size);
  const std::string fix =
      "fleet-mcp takes " + size + " letters, digits, - and _; the Coder agent expands $ in coder_env";
  if (token.empty()) return failed(name + " is empty", fix);
  if (!std::all_of(token.begin(), token.end(), is_token_letter))
    return failed(name + " has characters that do not survive the way here", fix);
  if (token.size() != fleet_token_size)
    return failed(name + " has " + std::to_string(token.size()) + " characters, not " + size, fix);
  return ok(name + " is set and whole");
}

finding check_page(const facts& seen) {
  if (!seen.in_coder()) return outside_of_coder();
  if (!seen.configuration.config) return skipped("the configuration cannot be read from here");
  // "https://{{port}}--main--dev--alice.apps.example.com": apps have their name in the place of the port.
  const auto pattern = seen.variable("VSCODE_PROXY_URI");
  const auto port = pattern.find("{{port}}");
  if (port == std::string::npos) return skipped("Coder gives apps no host names of their own");
  const auto begin = port + std::string_view("{{port}}").size();
  const auto host = pattern.substr(begin, pattern.find_first_of(":/", begin) - begin);
  const auto& allowed = seen.configuration.config->http.allowed_hosts;
  if (std::any_of(allowed.begin(), allowed.end(), [&host](const auto& each) { return each.ends_with(host); }))
    return ok("it may be shown on hosts that end in " + host);
  return warning(
      "the page of workspaced is refused behind Coder's proxy",
      "[http] allowed_hosts = [\"workspaced" + host + "\"] in the configuration, or beside it in conf.d");
}

finding check_github_login(const facts& seen) {
  if (!seen.in_coder()) return outside_of_coder();
  for (const auto* name : {"GH_TOKEN", "GITHUB_TOKEN"}) {
    if (!seen.variable(name).empty()) return ok(std::string(name) + " is set, for git and gh");
  }
  const std::string fix =
      "log in to GitHub in Coder (Account, External authentication), then restart the workspace";
  if (!seen.variable("GIT_ASKPASS").empty())
    return warning("git has a login (GIT_ASKPASS), gh has none: GH_TOKEN is not set", fix);
  return warning("neither GH_TOKEN nor GIT_ASKPASS is set", fix);
}

finding check_secrets(const facts& seen) {
  if (!seen.in_coder()) return outside_of_coder();
  std::vector<std::string> names;
  for (const auto& [name, value] : seen.environment) {
    if (!core::is_secret_name(name, {})) continue;
    if (const auto odd = oddness(value); !odd.empty()) {
      return warning(name + " " + odd,
                     "look at the item of that name in the template's secrets, then restart the "
                     "workspace");
    }
    names.push_back(name);
  }
  return ok(names.empty() ? "none is set" : "set: " + listed(names));
}

}  // namespace workspaced::ctl::doctor
