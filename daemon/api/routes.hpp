// The one table of routes: what exists, who may ask, what it is for. openapi.yaml and the README are tested
// against it.
#pragma once

#include "api/control.hpp"
#include "api/event_stream.hpp"
#include "http/router.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::api {

struct exposition {
  std::string content_type;
  std::string body;
};

/// Renders the metrics in the format that fits the Accept header best.
using metrics_source = std::function<exposition(std::string_view accept)>;

/// The handlers keep a reference to `daemon`.
[[nodiscard]] std::vector<http::route> routes(control& daemon, clock now, metrics_source metrics);

}  // namespace workspaced::api
