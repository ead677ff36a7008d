// Which Claude Code is installed, told from where it is: running it would take a tenth of a second and start
// what it starts.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace workspaced::claude {

using version = std::array<unsigned, 3>;

/// "2.1.330", nothing else before or after it.
std::optional<version> parse_version(std::string_view text);

/// The version of the first `claude` in the directories of `path` (as $PATH) or in ~/.local/bin: the name of
/// the file or of a directory above it (the native installer), or what the package.json of its package says
/// (npm). Nothing if there is none, or none that tells.
std::optional<version> installed_version(const std::string& path, const std::string& home);

/// The oldest version known to run the headersHelper of an entry in user scope. Older ones may; ask no more
/// of them than that they send a header.
inline constexpr version first_with_helper = {2, 1, 197};

}  // namespace workspaced::claude
