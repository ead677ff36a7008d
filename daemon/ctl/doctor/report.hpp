// What doctor prints.
#pragma once

#include "ctl/doctor/checks.hpp"
#include "ctl/render.hpp"

#include <string>
#include <vector>

namespace workspaced::ctl::doctor {

/// Areas, a line or more for each check, the fix below what needs one, and a closing line.
[[nodiscard]] std::string report_text(const std::vector<result_of_check>& all, const style& how);

/// {"checks":[{"check","area","result","seen","fix"}…],"ok":…,"warning":…,"failed":…,"skipped":…,"exit_code":…}
[[nodiscard]] std::string report_json(const std::vector<result_of_check>& all);

}  // namespace workspaced::ctl::doctor
