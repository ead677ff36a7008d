#include "config/probe_keys.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace workspaced::config {
namespace {

std::optional<std::uint16_t> port_of(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && !text.empty();
  return whole && value <= 65'535 ? std::optional(static_cast<std::uint16_t>(value)) : std::nullopt;
}

bool is_numeric_address(const std::string& host) {
  std::array<unsigned char, 16> unused{};
  return ::inet_pton(AF_INET, host.c_str(), unused.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), unused.data()) == 1;
}

std::optional<core::probe_target> read_http(const field& from) {
  if (auto url = read_url(from)) return *url;
  return std::nullopt;
}

std::optional<core::probe_target> read_mcp_name(const field& from) {
  auto name = from.text();
  if (!name) return std::nullopt;
  return core::mcp_target{std::move(*name), std::nullopt, {}};
}

std::optional<core::probe_target> read_tcp(const field& from) {
  if (std::holds_alternative<std::int64_t>(from.raw().value)) {
    const auto port = from.integer(1, 65'535);
    if (!port) return std::nullopt;
    return core::tcp_target{"127.0.0.1", static_cast<std::uint16_t>(*port)};
  }
  const auto text = from.text();
  if (!text) return std::nullopt;
  const auto address = read_address(from, *text, false);
  if (!address) return std::nullopt;
  return *address;
}

std::optional<core::probe_target> read_exec(const field& from) {
  auto words = from.command();
  if (!words) return std::nullopt;
  return core::exec_target{std::move(*words)};
}

template <class Probe>
constexpr key<Probe> http_key{"http", "URL", "GET this; any 2xx answer is a success",
                              [](Probe& into, const field& from) { put(into.target, read_http(from)); }};
template <class Probe>
constexpr key<Probe> tcp_key{"tcp", "address:port | port", "a connection is a success",
                             [](Probe& into, const field& from) { put(into.target, read_tcp(from)); }};
template <class Probe>
constexpr key<Probe> mcp_key{"mcp", "name of an [mcp.NAME]", "its handshake and its list of tools",
                             [](Probe& into, const field& from) { put(into.target, read_mcp_name(from)); }};
template <class Probe>
constexpr key<Probe> exec_key{"exec", "command", "exit code 0 is a success",
                              [](Probe& into, const field& from) { put(into.target, read_exec(from)); }};

using core::live_spec;
using core::ready_spec;

constexpr std::array ready_table = {
    http_key<ready_spec>,
    tcp_key<ready_spec>,
    exec_key<ready_spec>,
    mcp_key<ready_spec>,
    key<ready_spec>{"timeout", "duration", "not ready by then: the start has failed",
                    [](ready_spec& into, const field& from) { put(into.timeout, from.duration()); }},
    key<ready_spec>{"interval", "duration", "the longest pause between attempts",
                    [](ready_spec& into, const field& from) { put(into.interval, from.duration()); }},
    key<ready_spec>{"attempt_timeout", "duration", "for one attempt",
                    [](ready_spec& into, const field& from) { put(into.attempt_timeout, from.duration()); }},
    key<ready_spec>{
        "success_threshold", "integer", "successes in a row that make it ready",
        [](ready_spec& into, const field& from) { put(into.success_threshold, from.integer(1, 1000)); }},
};

constexpr std::array live_table = {
    http_key<live_spec>,
    tcp_key<live_spec>,
    exec_key<live_spec>,
    mcp_key<live_spec>,
    key<live_spec>{"interval", "duration", "from one attempt to the next",
                   [](live_spec& into, const field& from) { put(into.interval, from.duration()); }},
    key<live_spec>{"timeout", "duration", "for one attempt",
                   [](live_spec& into, const field& from) { put(into.timeout, from.duration()); }},
    key<live_spec>{
        "failure_threshold", "integer", "failures in a row before anything is done",
        [](live_spec& into, const field& from) { put(into.failure_threshold, from.integer(1, 1000)); }},
    key<live_spec>{"on_failure", "restart | report", "restart the service, or only call it degraded",
                   [](live_spec& into, const field& from) {
                     if (const auto chosen = from.one_of({"restart", "report"}))
                       into.on_failure = static_cast<core::live_action>(*chosen);
                   }},
};

/// Exactly one of http, tcp, exec and mcp says what is asked.
bool has_one_target(const field& from) {
  int found = 0;
  const auto* values = std::get_if<table>(&from.raw().value);
  if (values == nullptr) return false;  // the wrong type is complained of elsewhere
  for (const char* name : {"http", "tcp", "exec", "mcp"}) found += values->contains(name) ? 1 : 0;
  if (found != 1)
    from.complain(found == 0 ? "needs one of http, tcp, exec and mcp"
                             : "takes only one of http, tcp, exec and mcp");
  return found == 1;
}

template <class Probe>
std::optional<Probe> read_probe(const field& from, std::span<const key<Probe>> keys) {
  const std::size_t before = from.all().errors.size();
  Probe probe;
  read_table(probe, from, keys);
  const bool one = has_one_target(from);
  return one && from.all().errors.size() == before ? std::optional(std::move(probe)) : std::nullopt;
}

}  // namespace

std::span<const key<ready_spec>> ready_keys() { return ready_table; }
std::span<const key<live_spec>> live_keys() { return live_table; }

std::optional<ready_spec> read_ready(const field& from) { return read_probe(from, ready_keys()); }
std::optional<live_spec> read_live(const field& from) { return read_probe(from, live_keys()); }

std::optional<core::http_target> read_url(const field& from) {
  const auto url = from.text();
  if (!url) return std::nullopt;
  if (url->starts_with("https://")) {
    from.complain("https is not supported; use the plain port");
    return std::nullopt;
  }
  if (!url->starts_with("http://")) {
    from.complain("must be a URL like \"http://127.0.0.1:8000/health\"");
    return std::nullopt;
  }
  core::http_target target;
  const std::string rest = url->substr(7);
  const auto slash = rest.find_first_of("/?");
  target.host_header = rest.substr(0, slash);
  if (slash != std::string::npos) target.path = (rest[slash] == '?' ? "/" : "") + rest.substr(slash);
  if (target.path.find_first_of(" \t\r\n#") != std::string::npos ||
      target.host_header.find('@') != std::string::npos) {
    from.complain("must be a URL without blanks, user and fragment");
    return std::nullopt;
  }
  const auto bracket = target.host_header.find(']');
  const bool has_port =
      target.host_header.find(':', bracket == std::string::npos ? 0 : bracket) != std::string::npos;
  const auto address = read_address(from, target.host_header + (has_port ? "" : ":80"), false);
  if (!address) return std::nullopt;
  target.address = *address;
  return target;
}

std::optional<core::tcp_target> read_address(const field& from, const std::string& text,
                                             bool zero_port_is_fine) {
  const auto colon = text.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : port_of(std::string_view(text).substr(colon + 1));
  if (!port || (*port == 0 && !zero_port_is_fine)) {
    from.complain("must end with a port from 1 to 65535, like \"127.0.0.1:8000\"");
    return std::nullopt;
  }
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  if (!is_numeric_address(host)) {
    from.complain("\"" + host + "\" is no numeric address and not localhost; names are not resolved");
    return std::nullopt;
  }
  return core::tcp_target{std::move(host), *port};
}

}  // namespace workspaced::config
