#include "config/load.hpp"

#include "config/complete.hpp"
#include "config/keys.hpp"
#include "config/read_file.hpp"
#include "config/validate.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <tuple>

namespace workspaced::config {
namespace {

namespace fs = std::filesystem;

std::string value_of(const load_options& options, const std::string& name) {
  return options.environment(name).value_or("");
}

std::vector<std::string> drop_ins(const std::string& main_file) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(main_file).parent_path() / "conf.d", error)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

/// Lays one file over what was read before.
void add_file(const std::string& file, bool main, node& root, loaded& out) {
  const auto text = read_file(file);
  out.files.push_back(file);
  if (!text) {
    out.errors.push_back({{file, 0, 0}, {}, "cannot read the configuration: " + text.error().why, {}});
  } else if (main && is_blank(*text)) {
    out.errors.push_back(
        {{file, 0, 0}, {}, "the file is empty", "it needs at least one [services.NAME] with a command"});
  } else {
    overlay(root, parse_toml(*text, file, out.errors));
  }
}

void sort_errors(loaded& out) {
  const auto rank = [&out](const diagnostic& each) {
    const auto place = std::find(out.files.begin(), out.files.end(), each.where.file);
    return std::tuple(place - out.files.begin(), each.where.line, each.where.column);
  };
  std::stable_sort(
      out.errors.begin(), out.errors.end(),
      [&rank](const diagnostic& left, const diagnostic& right) { return rank(left) < rank(right); });
}

}  // namespace

std::optional<std::string> find_file(const load_options& options) {
  const std::string home = value_of(options, "HOME");
  for (const std::string& forced : {options.explicit_file, value_of(options, "WORKSPACED_CONFIG")}) {
    if (!forced.empty()) return resolve_path(forced, options.directory, home);
  }
  std::vector<std::string> places = {options.directory + "/workspaced.toml",
                                     options.directory + "/.workspaced/workspaced.toml"};
  if (!home.empty()) places.push_back(home + "/.config/workspaced/workspaced.toml");
  places.emplace_back("/etc/workspaced/workspaced.toml");
  std::error_code error;
  const auto place = std::find_if(places.begin(), places.end(),
                                  [&error](const auto& each) { return fs::exists(each, error); });
  return place == places.end() ? std::nullopt : std::optional(*place);
}

loaded load(const load_options& options) {
  loaded out;
  const auto file = find_file(options);
  if (!file) {
    out.errors.push_back({{"workspaced.toml", 0, 0},
                          {},
                          "there is no configuration in any of the usual places",
                          "name one with --config, or see workspaced --help"});
    return out;
  }
  node root{table(), {*file, 1, 1}, {}};
  add_file(*file, true, root, out);
  for (const std::string& each : drop_ins(*file)) add_file(each, false, root, out);

  reading all{options.environment, value_of(options, "HOME"), {}};
  core::configuration config = read_configuration(all, root);
  config.file = *file;
  complete(config, all.home);
  validate(config, root, options.knows_zone, all.errors);
  out.errors.insert(out.errors.end(), all.errors.begin(), all.errors.end());
  sort_errors(out);
  if (out.errors.empty()) out.config = std::move(config);
  return out;
}

load_options options_of_process(std::string explicit_file) {
  load_options options;
  options.explicit_file = std::move(explicit_file);
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  std::error_code error;
  options.directory = fs::current_path(error).string();
  return options;
}

}  // namespace workspaced::config
