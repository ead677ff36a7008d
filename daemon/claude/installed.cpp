#include "claude/installed.hpp"

#include "json/edit.hpp"
#include "os/files.hpp"

#include <unistd.h>

#include <charconv>
#include <filesystem>

namespace workspaced::claude {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_manifest = 1U << 20U;

/// The program a shell would start, links followed.
std::optional<fs::path> find_claude(const std::string& path, const std::string& home) {
  std::string directories = path;
  if (!home.empty()) directories += ":" + home + "/.local/bin";
  for (std::size_t begin = 0; begin <= directories.size();) {
    const std::size_t end = std::min(directories.find(':', begin), directories.size());
    const std::string directory = directories.substr(begin, end - begin);
    begin = end + 1;
    if (!directory.starts_with('/')) continue;  // relative to which directory?
    const std::string program = directory + "/claude";
    std::error_code error;
    if (!fs::is_regular_file(program, error) || ::access(program.c_str(), X_OK) != 0) continue;
    fs::path real = fs::canonical(program, error);
    if (!error) return real;
  }
  return std::nullopt;
}

/// What an npm package in this directory says, if it is Claude Code's.
std::optional<version> manifest_version(const fs::path& directory) {
  const auto text = os::read_whole((directory / "package.json").string(), max_manifest);
  if (!text) return std::nullopt;
  const auto name = json::get_member(*text, {"name"});
  const auto number = json::get_member(*text, {"version"});
  if (!name || !*name || !number || !*number) return std::nullopt;
  if (!json::string_value(**name).value_or("").starts_with("@anthropic-ai/claude-code")) return std::nullopt;
  return parse_version(json::string_value(**number).value_or(""));
}

}  // namespace

std::optional<version> parse_version(std::string_view text) {
  version numbers{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return std::nullopt;
    const auto [rest, error] = std::from_chars(at, end, numbers[i]);
    if (error != std::errc{}) return std::nullopt;
    at = rest;
  }
  if (at != end) return std::nullopt;
  return numbers;
}

std::optional<version> installed_version(const std::string& path, const std::string& home) {
  const auto program = find_claude(path, home);
  if (!program) return std::nullopt;
  for (fs::path at = *program; at != at.parent_path(); at = at.parent_path()) {
    if (const auto named = parse_version(at.filename().string())) return named;
    if (const auto told = manifest_version(at.parent_path())) return told;
  }
  return std::nullopt;
}

}  // namespace workspaced::claude
