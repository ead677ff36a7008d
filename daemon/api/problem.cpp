#include "api/problem.hpp"

#include "api/json.hpp"

namespace workspaced::api {
namespace {

int status_of(refusal::kind why) {
  switch (why) {
    case refusal::kind::not_found: return 404;
    case refusal::kind::conflict: return 409;
    case refusal::kind::shutting_down: return 503;
  }
  return 500;
}

}  // namespace

http::response problem(int status, std::string_view detail) {
  return http::response::problem(status, http::reason_phrase(status), detail);
}

http::response problem(const reload_errors& errors) {
  auto out = http::response::json(
      problem_document(422, "the configuration has errors; nothing was changed", errors.diagnostics) + "\n",
      422);
  out.content_type = "application/problem+json";
  return out;
}

http::response problem(const refusal& why) { return problem(status_of(why.why), why.message); }

}  // namespace workspaced::api
