#include "http/policy.hpp"

#include <algorithm>
#include <array>

namespace workspaced::http {
namespace {

struct host_and_port {
  std::string_view host;
  std::string_view port;
};

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "[::1]:9001" -> "[::1]" and "9001"; nothing when malformed.
std::optional<host_and_port> split_host(std::string_view text) {
  const bool bracketed = text.substr(0, 1) == "[";
  const auto bracket = text.find(']');
  if (bracketed && bracket == std::string_view::npos) return std::nullopt;
  const auto colon = text.find(':', bracketed ? bracket : 0);
  host_and_port out{text.substr(0, colon), {}};
  if (colon != std::string_view::npos) out.port = text.substr(colon + 1);
  if (bracketed && out.host.size() != bracket + 1) return std::nullopt;
  if (out.host.empty() || !all_digits(out.port)) return std::nullopt;
  if (out.host.find_first_of("/@ \t,") != std::string_view::npos) return std::nullopt;
  return out;
}

bool is_ours(const policy& rules, const host_and_port& name) {
  constexpr std::array<std::string_view, 3> loopback = {"localhost", "127.0.0.1", "[::1]"};
  const auto same_host = [&name](std::string_view known) { return same_word(known, name.host); };
  if (std::any_of(loopback.begin(), loopback.end(), same_host)) return true;
  return std::any_of(rules.allowed_hosts.begin(), rules.allowed_hosts.end(),
                     [&name](const std::string& allowed) {
                       const auto known = split_host(allowed);
                       return known && same_word(known->host, name.host) &&
                              (known->port.empty() || known->port == name.port);
                     });
}

/// "http://localhost:3000" names one of our hosts; "null" and foreign schemes do not.
bool is_our_origin(const policy& rules, std::string_view origin) {
  const auto scheme = origin.find("://");
  if (scheme == std::string_view::npos) return false;
  const auto name = origin.substr(0, scheme);
  if (!same_word(name, "http") && !same_word(name, "https")) return false;
  const auto host = split_host(origin.substr(scheme + 3));
  return host && is_ours(rules, *host);
}

std::ptrdiff_t count(const request& what, std::string_view name) {
  return std::count_if(what.headers.begin(), what.headers.end(),
                       [name](const auto& entry) { return same_word(entry.first, name); });
}

/// Takes the same time wherever the two differ; only the lengths may show.
bool same_secret(std::string_view given, std::string_view secret) {
  if (secret.empty() || given.size() != secret.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    difference |=
        static_cast<unsigned>(static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(secret[i]));
  }
  return difference == 0;
}

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "Bearer ";
  if (!same_word(authorization.substr(0, scheme.size()), scheme)) return {};
  return authorization.substr(scheme.size());
}

}  // namespace

std::optional<response> refuse_stranger(const policy& rules, const request& what, bool http_1_0) {
  if (what.peer.unix_socket) return std::nullopt;
  const auto hosts = count(what, "Host");
  if (hosts > 1) return response::problem(400, "Bad Host", "the Host header comes more than once");
  if (hosts == 0 && !http_1_0) return response::problem(400, "Bad Host", "the Host header is missing");
  if (hosts == 1) {
    const auto host = split_host(what.header("Host"));
    if (!host) return response::problem(400, "Bad Host", "the Host header is malformed");
    if (!is_ours(rules, *host)) {
      return response::problem(403, "Foreign Host", "this Host is not served here; see [http] allowed_hosts");
    }
  }
  if (!what.has_header("Origin")) return std::nullopt;
  if (count(what, "Origin") == 1 && is_our_origin(rules, what.header("Origin"))) return std::nullopt;
  return response::problem(403, "Foreign Origin", "this Origin may not ask here; see [http] allowed_hosts");
}

access granted_to(const policy& rules, const request& what) {
  const peer& who = what.peer;
  if (who.unix_socket && (who.uid == rules.owner || who.uid == 0)) return access::admin;
  const auto token = bearer_token(what.header("Authorization"));
  if (same_secret(token, rules.admin_token)) return access::admin;
  if (same_secret(token, rules.read_token)) return access::read;
  return access::open;
}

}  // namespace workspaced::http
