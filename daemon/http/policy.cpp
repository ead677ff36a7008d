#include "http/policy.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace workspaced::http {
namespace {

/// "localhost:9001" -> "localhost", "[::1]:80" -> "[::1]".
std::string_view without_port(std::string_view host) {
  const auto bracket = host.rfind(']');
  const auto colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return host.substr(0, colon);
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

bool is_ours(const policy& rules, std::string_view host_and_port) {
  constexpr std::array<std::string_view, 3> loopback = {"localhost", "127.0.0.1", "[::1]"};
  const std::string host = lowered(without_port(host_and_port));
  const std::string whole = lowered(host_and_port);
  if (std::find(loopback.begin(), loopback.end(), host) != loopback.end()) return true;
  return std::any_of(rules.allowed_hosts.begin(), rules.allowed_hosts.end(), [&](const std::string& allowed) {
    const std::string name = lowered(allowed);
    return name == host || name == whole;
  });
}

bool is_our_origin(const policy& rules, std::string_view origin) {
  const auto scheme = origin.find("://");
  return scheme != std::string_view::npos && is_ours(rules, origin.substr(scheme + 3));
}

verdict refused(int status, std::string_view detail) { return {access::open, problem(status, detail)}; }

}  // namespace

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    difference |= static_cast<unsigned char>(left[i]) ^ static_cast<unsigned>(static_cast<unsigned char>(right[i]));
  }
  return difference == 0;
}

verdict judge(const policy& rules, const request& what) {
  if (what.from.unix_socket) {
    const bool trusted = what.from.uid == rules.uid || what.from.uid == 0;
    return {trusted ? access::admin : access::open, std::nullopt};
  }
  const auto host = what.header("Host");
  if (host.empty()) return refused(400, "the Host header is missing");
  if (!is_ours(rules, host)) return refused(403, "this Host is not served here; see [http] allowed_hosts");
  const auto origin = what.header("Origin");
  if (!origin.empty() && !is_our_origin(rules, origin)) {
    return refused(403, "this Origin may not ask here; see [http] allowed_hosts");
  }
  const auto authorization = what.header("Authorization");
  if (authorization.empty()) return {access::open, std::nullopt};
  const auto space = authorization.find(' ');
  const bool bearer = lowered(authorization.substr(0, space)) == "bearer" && space != std::string_view::npos;
  const auto token = bearer ? authorization.substr(space + 1) : std::string_view();
  if (bearer && !rules.admin_token.empty() && equal_in_constant_time(token, rules.admin_token)) {
    return {access::admin, std::nullopt};
  }
  if (bearer && !rules.read_token.empty() && equal_in_constant_time(token, rules.read_token)) {
    return {access::read, std::nullopt};
  }
  verdict out = refused(401, "the bearer token is not one of ours");
  out.refusal->headers.emplace_back("WWW-Authenticate", "Bearer realm=\"workspaced\", error=\"invalid_token\"");
  return out;
}

}  // namespace workspaced::http
