// What workspacectl itself writes with --json: each one object in one line, newline included.
#pragma once

#include "core/snapshot.hpp"
#include "ctl/outcome.hpp"
#include "ctl/render.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace workspaced::ctl {

/// {"error":"…","exit_code":4}
[[nodiscard]] std::string error_json(const failure& what);

/// {"outcome":"failed","exit_code":1,"services":[{"name","state","reason","log":[…]}…]}
[[nodiscard]] std::string outcome_json(exit_code code, const core::fleet_view& fleet,
                                       const std::vector<std::string>& culprits, const log_tails& logs);

/// {"service":"web","line":"…"}; bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string log_line_json(std::string_view service, std::string_view line);

/// {"service":{…},"because":[{…}…],"log":{"db":["…"]}}: the raw documents out of `services_document`.
[[nodiscard]] std::string why_json(std::string_view services_document, const std::string& name,
                                   const std::vector<std::string>& because, const log_tails& logs);

/// {"workspacectl":"0.1.0","workspaced":"0.1.0"}; null when no daemon runs.
[[nodiscard]] std::string version_json(std::string_view own, std::string_view daemon);

/// {"file":"…","services":3}
[[nodiscard]] std::string check_json(std::string_view file, std::size_t services);

/// {"down":true,"pid":4711} and alike: `key` true, and the pid when it is known (> 0).
[[nodiscard]] std::string done_json(std::string_view key, int pid);

/// A request body: {"names":["a","b"]}, without newline.
[[nodiscard]] std::string names_body(const std::vector<std::string>& names);

/// `document` in one line, with a newline; as it is when it is no JSON.
[[nodiscard]] std::string one_line(std::string_view document);

}  // namespace workspaced::ctl
