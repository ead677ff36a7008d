// What is known of a path, without touching what it leads to.
#pragma once

#include "ctl/doctor/facts.hpp"

#include <string>
#include <string_view>

namespace workspaced::ctl::doctor {

/// Of the file system that holds `path`, or would hold it. An empty path is not known to anybody.
[[nodiscard]] path_facts look_at(const std::string& path, std::string_view mountinfo);

/// The longest mount point that `path` is below; "/" when the text tells none. `mountinfo` as in proc(5).
[[nodiscard]] std::string mount_point_of(const std::string& path, std::string_view mountinfo);

}  // namespace workspaced::ctl::doctor
