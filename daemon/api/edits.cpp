#include "api/edits.hpp"

#include "api/control.hpp"
#include "api/json.hpp"
#include "api/problem.hpp"
#include "api/requests.hpp"

#include <variant>

namespace workspaced::api {
namespace {

using http::request;
using http::response;

response answer(const reload_outcome& end) {
  if (const auto* why = std::get_if<refusal>(&end)) return problem(*why);
  if (const auto* errors = std::get_if<reload_errors>(&end)) return problem(*errors);
  return response::json(reload_document(std::get<reload_report>(end)) + "\n");
}

}  // namespace

std::vector<http::route> edit_routes(control& daemon) {
  control* const to = &daemon;
  return {{http::method::put, "/v1/services/{name}", http::access::admin,
           [to](const request& what) { return answer(to->add(what.parameter("name"), what.body)); },
           "Add a service until the next reload; the body is TOML with the keys of [services.NAME]"},
          {http::method::del, "/v1/services/{name}", http::access::admin,
           [to](const request& what) {
             if (const auto body = read_nothing(what.body); !body) return problem(400, body.error().message);
             return answer(to->remove(what.parameter("name")));
           },
           "Stop a service and take it away until the next reload"}};
}

}  // namespace workspaced::api
