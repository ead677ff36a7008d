// From a request to the route that answers it. Pure.
#pragma once

#include "http/message.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace workspaced::http {

struct route {
  method verb = method::get;
  std::string_view pattern;  ///< "/v1/services/{name}/logs"; a literal segment wins over a parameter
  access needs = access::open;
  std::function<response(const request&)> handle;
  std::string_view summary;  ///< one line for people
};

/// The answer to `what` by the best matching route. Problems otherwise: 404 for a path that no pattern
/// matches, 405 with Allow for a method that no matching pattern has, 401 when a token would help, 403 when
/// the granted access is too low (and on the Unix socket, where no token is expected), 500 when the handler
/// throws. HEAD is answered as GET would be, without its stream; OPTIONS by 204 with Allow.
[[nodiscard]] response dispatch(const std::vector<route>& routes, request what, access granted);

}  // namespace workspaced::http
