#include "http/router.hpp"

#include <algorithm>
#include <exception>
#include <optional>

namespace workspaced::http {
namespace {

using captures = std::map<std::string, std::string>;

/// Takes the next "/segment" off.
std::string_view next_segment(std::string_view& rest) {
  rest.remove_prefix(1);
  const auto segment = rest.substr(0, rest.find('/'));
  rest.remove_prefix(segment.size());
  return segment;
}

std::optional<captures> match(std::string_view pattern, std::string_view path) {
  captures found;
  while (!pattern.empty() && !path.empty()) {
    const auto expected = next_segment(pattern);
    const auto actual = next_segment(path);
    const bool capture = expected.size() > 2 && expected.front() == '{';
    if (capture && !actual.empty()) {
      found[std::string(expected.substr(1, expected.size() - 2))] = actual;
    } else if (expected != actual) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return found;
}

response refuse(access needed, access granted, const request& what) {
  if (granted == access::open && !what.from.unix_socket) {
    response out = problem(401, "this needs a bearer token: see <state_dir>/tokens, or use workspacectl");
    out.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"workspaced\"");
    return out;
  }
  return problem(403, needed == access::admin ? "this needs admin access" : "this needs read access");
}

response call(const route& chosen, const request& what) {
  try {
    return chosen.handle(what);
  } catch (const std::exception&) {
    // By definition a bug of ours; the daemon goes on.
    return problem(500, "the request could not be answered because of an error in workspaced");
  }
}

}  // namespace

response dispatch(const std::vector<route>& routes, request what, access granted) {
  const method wanted = what.verb == method::head ? method::get : what.verb;
  const route* chosen = nullptr;
  std::string allowed;
  for (const route& each : routes) {
    auto found = match(each.pattern, what.path);
    if (!found) continue;
    if (each.verb != wanted) {
      allowed += (allowed.empty() ? "" : ", ") + std::string(to_string(each.verb));
      continue;
    }
    // Among the patterns that fit, the one with fewer captures is the more literal.
    if (chosen == nullptr || found->size() < what.captured.size()) {
      chosen = &each;
      what.captured = std::move(*found);
    }
  }
  if (chosen == nullptr) {
    if (allowed.empty()) return problem(404, "there is nothing at " + what.path);
    response out = problem(405, std::string(to_string(what.verb)) + " is not possible here");
    out.headers.emplace_back("Allow", allowed);
    return out;
  }
  if (chosen->needs > granted) return refuse(chosen->needs, granted, what);
  return call(*chosen, what);
}

}  // namespace workspaced::http
