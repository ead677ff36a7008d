// Services that come and go over the API, until the next reload.
#pragma once

#include "http/router.hpp"

#include <vector>

namespace workspaced::api {

class control;

[[nodiscard]] std::vector<http::route> edit_routes(control& daemon);

}  // namespace workspaced::api
