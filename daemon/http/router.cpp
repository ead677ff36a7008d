#include "http/router.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace workspaced::http {
namespace {

/// Takes the next "/segment" off.
std::string_view next_segment(std::string_view& rest) {
  rest.remove_prefix(1);
  const auto segment = rest.substr(0, rest.find('/'));
  rest.remove_prefix(segment.size());
  return segment;
}

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{'; }

/// The parameters of a path that fits the pattern.
std::optional<header_list> match(std::string_view pattern, std::string_view path) {
  header_list found;
  while (!pattern.empty() && !path.empty()) {
    const auto expected = next_segment(pattern);
    const auto actual = next_segment(path);
    if (is_parameter(expected) && !actual.empty()) {
      found.emplace_back(expected.substr(1, expected.size() - 2), actual);
    } else if (expected != actual) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return found;
}

/// What a path has to offer.
struct choice {
  const route* best = nullptr;
  header_list parameters;
  std::vector<method> verbs;  ///< of all patterns that fit
};

choice choose(const std::vector<route>& routes, method wanted, std::string_view path) {
  choice out;
  for (const route& each : routes) {
    auto found = match(each.pattern, path);
    if (!found) continue;
    out.verbs.push_back(each.verb);
    if (each.verb != wanted) continue;
    // Of the patterns that fit, the one with fewer parameters is the more literal.
    if (out.best == nullptr || found->size() < out.parameters.size()) {
      out.best = &each;
      out.parameters = std::move(*found);
    }
  }
  return out;
}

std::string allow(const std::vector<method>& verbs) {
  std::string out;
  for (const method each : {method::get, method::head, method::post, method::put, method::del}) {
    const method source = each == method::head ? method::get : each;
    if (std::find(verbs.begin(), verbs.end(), source) != verbs.end())
      out += std::string(to_string(each)) + ", ";
  }
  return out + "OPTIONS";
}

response options(const std::vector<method>& verbs) {
  response out;
  out.status = 204;
  out.content_type.clear();
  out.headers.emplace_back("Allow", allow(verbs));
  return out;
}

response not_allowed(const request& what, const std::vector<method>& verbs) {
  const std::string verb(what.verb == method::other ? "this method" : to_string(what.verb));
  response out = response::problem(405, "Method not allowed", verb + " is not possible here");
  out.headers.emplace_back("Allow", allow(verbs));
  return out;
}

response refuse(access needed, access granted, const peer& who) {
  if (granted == access::open && !who.unix_socket) {
    response out = response::problem(
        401, "Token needed",
        "this needs one of the bearer tokens in <state_dir>/tokens; workspacectl needs none");
    out.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"workspaced\"");
    return out;
  }
  const bool admin = needed == access::admin;
  return response::problem(403, "Not permitted",
                           admin ? "this needs admin access" : "this needs read access");
}

response call(const route& chosen, const request& what) {
  try {
    return chosen.handle(what);
  } catch (const std::exception& error) {
    return response::problem(500, "Internal error", error.what());
  }
}

}  // namespace

response dispatch(const std::vector<route>& routes, request what, access granted) {
  const bool whole_server = what.path == "*";  // RFC 9112 3.2.4
  if (whole_server && what.verb == method::options) return options({method::get, method::post});
  const method wanted = what.verb == method::head ? method::get : what.verb;
  choice found = whole_server ? choice() : choose(routes, wanted, what.path);
  if (found.verbs.empty()) return response::problem(404, "Not found", "there is nothing at " + what.path);
  if (what.verb == method::options) return options(found.verbs);
  if (found.best == nullptr) return not_allowed(what, found.verbs);
  if (found.best->needs > granted) return refuse(found.best->needs, granted, what.peer);
  what.parameters = std::move(found.parameters);
  what.granted = granted;
  response out = call(*found.best, what);
  if (what.verb == method::head) out.stream.reset();
  return out;
}

}  // namespace workspaced::http
