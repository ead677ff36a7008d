#include "config/edit.hpp"

#include "config/complete.hpp"
#include "config/keys.hpp"
#include "config/validate.hpp"

#include <utility>

namespace workspaced::config {
namespace {

node below(const std::string& key, node inner) {
  const position where = inner.where;
  inner.key = where;
  table outer;
  outer.emplace(key, std::move(inner));
  return {std::move(outer), where, {}};
}

edited finish(core::configuration config, const node& root, const load_options& options, reading all) {
  complete(config, all.home);
  if (all.errors.empty()) validate(config, root, options.knows_zone, all.errors);
  if (all.errors.empty()) return {std::move(config), {}};
  return {std::nullopt, std::move(all.errors)};
}

reading reading_of(const load_options& options) {
  return {options.environment, options.environment("HOME").value_or(""), {}};
}

}  // namespace

edited with_service(core::configuration base, const std::string& name, std::string_view text,
                    const load_options& options) {
  reading all = reading_of(options);
  node service = parse_toml(text, directory_of(base.file) + "/" + name, all.errors);
  if (!all.errors.empty()) return {std::nullopt, std::move(all.errors)};
  const node root = below("services", below(name, std::move(service)));
  core::configuration alone = read_configuration(all, root);
  base.services.erase(name);
  base.services.merge(alone.services);
  return finish(std::move(base), root, options, std::move(all));
}

edited without_service(core::configuration base, const std::string& name, const load_options& options) {
  base.services.erase(name);
  const node root{table(), {base.file, 0, 0}, {}};
  return finish(std::move(base), root, options, reading_of(options));
}

}  // namespace workspaced::config
