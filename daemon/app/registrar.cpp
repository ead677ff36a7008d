#include "app/registrar.hpp"

#include "logs/daemon_log.hpp"
#include "os/program_path.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <filesystem>
#include <utility>

namespace workspaced::app {
namespace {

std::string value_of(const core::environment_map& environment, const std::string& name) {
  const auto place = environment.find(name);
  return place == environment.end() ? "" : place->second;
}

/// The command line that belongs to this daemon lies beside it; else whichever the PATH has.
std::string find_workspacectl(const std::string& path) {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = own.parent_path() / "workspacectl";
  if (!error && std::filesystem::exists(beside, error)) return beside.string();
  const auto found = os::find_program("workspacectl", {"PATH=" + path});
  return found ? *found : "";
}

claude::homes homes_of(const core::environment_map& environment) {
  return claude::find_homes([&environment](const char* name) -> const char* {
    const auto place = environment.find(name);
    return place == environment.end() ? nullptr : place->second.c_str();
  });
}

}  // namespace

registrar::registrar(boost::asio::io_context& loop, parts all)
    : loop_(loop),
      homes_(homes_of(all.environment)),
      path_(value_of(all.environment, "PATH")),
      door_{"", std::move(all.token), find_workspacectl(path_), std::move(all.socket)} {}

void registrar::configure(const core::configuration& config) {
  const auto installed = claude::installed_version(path_, homes_.home);
  std::map<std::string, std::pair<claude::location, std::vector<claude::change>>> by_file;
  for (const claude::wish& what : claude::wishes_of(config)) {
    const auto* const how = std::get_if<core::claude_spec>(&what.program);
    if (how != nullptr && how->scope == core::claude_scope::none) continue;
    auto to = claude::resolve(what, door_, homes_, installed);
    if (!to) {
      logs::warning(to.error().message);
      continue;
    }
    auto& [where, changes] = by_file[to->where.file];
    where = to->where;
    changes.push_back(claude::set_entry{std::move(to->at), std::move(to->text), {}, false});
  }
  for (auto& [file, work] : by_file) apply(work.first, std::move(work.second));
}

void registrar::apply(const claude::location& where, std::vector<claude::change> changes) {
  const auto [place, fresh] = files_.try_emplace(where.file, loop_.get_executor(), where);
  const auto report = [file = where.file](std::exception_ptr failure, claude::outcome end) {
    if (failure) return logs::error("registering in " + file + " failed unexpectedly");
    if (end.what == claude::outcome::kind::failed) return logs::error(end.detail);
    if (end.what == claude::outcome::kind::written) logs::info("registered our MCP servers in " + file);
  };
  boost::asio::co_spawn(loop_, place->second.apply(std::move(changes)), report);
}

}  // namespace workspaced::app
