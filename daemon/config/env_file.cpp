#include "config/env_file.hpp"

#include "config/read_file.hpp"

namespace workspaced::config {

void load_env_file(const std::string& path, const field& named_by, core::environment_map& into) {
  const auto content = read_file(path);
  if (!content) return named_by.complain("cannot read the env file " + path + ": " + content.error().why);
  std::string_view rest = *content;
  for (unsigned line = 1; !rest.empty(); ++line) {
    const auto end = rest.find('\n');
    const auto assigned = parse_assignment(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!assigned) {
      named_by.all().errors.push_back({{path, line, 1}, {}, "the line " + assigned.error().why, {}});
    } else if (*assigned) {
      into[(*assigned)->first] = (*assigned)->second;
    }
  }
}

std::optional<std::string> load_value_file(const std::string& path, const field& named_by) {
  auto content = read_file(path);
  if (!content) {
    named_by.complain("cannot read " + path + ": " + content.error().why);
    return std::nullopt;
  }
  if (content->find('\0') != std::string::npos) {
    named_by.complain(path + " holds a zero byte: no variable can");
    return std::nullopt;
  }
  if (content->ends_with('\n')) content->pop_back();
  if (content->ends_with('\r')) content->pop_back();
  return std::move(*content);
}

}  // namespace workspaced::config
