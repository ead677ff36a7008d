// Paragraphs in lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace workspaced::ctl {

inline constexpr std::size_t usual_width = 80;

/// Appends `text` in lines of at most `width` columns that begin with `indent` blanks; the first line
/// continues the one that is already there. Ends with a newline.
void wrap(std::string& out, std::string_view text, std::size_t indent, std::size_t width = usual_width);

}  // namespace workspaced::ctl
