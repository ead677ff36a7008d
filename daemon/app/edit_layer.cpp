#include "app/edit_layer.hpp"

#include "config/edit.hpp"
#include "logs/daemon_log.hpp"
#include "os/process_facts.hpp"

#include <utility>

namespace workspaced::app {
namespace {

api::reload_errors errors_of(const config::edited& end) {
  api::reload_errors errors;
  for (const auto& each : end.errors) errors.diagnostics.push_back(config::to_string(each));
  return errors;
}

}  // namespace

edit_layer::edit_layer(std::string file) : file_(std::move(file)) {}

core::configuration edit_layer::lay_over(core::configuration files, const config::load_options& source) {
  core::configuration present = std::move(files);
  const auto take = [&present](const std::string& name, config::edited end) {
    if (end.config) present = std::move(*end.config);
    for (const auto& each : end.errors)
      logs::warning("what was changed over the API is left out: " + config::to_string(each), name);
    return end.errors.empty();
  };
  all_ = state::load_edits(file_, os::machine_epoch());
  std::erase_if(all_.removed, [&](const std::string& name) {
    return !take(name, config::without_service(present, name, source));
  });
  std::erase_if(all_.added, [&](const auto& each) {
    const auto& [name, text] = each;
    if (!present.services.contains(name))
      return !take(name, config::with_service(present, name, text, source));
    logs::warning("what was added over the API is left out: the configuration has it now", name);
    return true;
  });
  return present;
}

edit_layer::outcome edit_layer::add(const core::configuration& present, const std::string& name,
                                    const std::string& text, const config::load_options& source) {
  if (present.services.contains(name) && !all_.added.contains(name))
    return api::refusal{api::refusal::kind::conflict,
                        "'" + name + "' is a service of " + present.file + "; change it there and reload"};
  auto end = config::with_service(present, name, text, source);
  if (!end.config) return errors_of(end);
  all_.added[name] = text;
  save();
  return std::move(*end.config);
}

edit_layer::outcome edit_layer::remove(const core::configuration& present, const std::string& name,
                                       const config::load_options& source) {
  if (!present.services.contains(name))
    return api::refusal{api::refusal::kind::not_found, "no service is called '" + name + "'"};
  auto end = config::without_service(present, name, source);
  if (!end.config) return errors_of(end);
  if (all_.added.erase(name) == 0) all_.removed.insert(name);
  save();
  return std::move(*end.config);
}

void edit_layer::forget() {
  all_ = {};
  save();
}

void edit_layer::save() {
  if (const auto error = state::save_edits(file_, os::machine_epoch(), all_))
    logs::warning("what was changed over the API will be lost with this daemon: cannot write " + file_ +
                  ": " + error.message());
}

}  // namespace workspaced::app
