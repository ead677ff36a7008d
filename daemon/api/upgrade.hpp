// Another program takes the daemon's place, under its services.
#pragma once

#include "http/router.hpp"

#include <string>

namespace workspaced::api {

class control;

struct upgrade_begun {
  std::string program;  ///< the file
  std::string version;  ///< what it says it is
};

[[nodiscard]] http::route upgrade_route(control& daemon);

}  // namespace workspaced::api
