#include "app/registrar.hpp"

#include "logs/daemon_log.hpp"
#include "os/program_path.hpp"

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

void log(const claude::notice& what) {
  if (what.is_problem) return logs::warning(what.text, what.server);
  logs::info(what.text, what.server);
}

}  // namespace

registrar::registrar(boost::asio::io_context& loop, parts all) : loop_(loop), all_(std::move(all)) {}

void registrar::listening(const std::string& address) {
  claude::keeper_options options;
  const std::string path = value_of(all_.environment, "PATH");
  options.around = {
      homes_of(all_.environment), path, {address, all_.token, find_workspacectl(path), all_.socket}};
  options.ledger_file = all_.state_dir + "/registrations.json";
  options.report = log;
  keeper_ = std::make_unique<claude::keeper>(loop_.get_executor(), std::move(options));
}

void registrar::configure(const core::configuration& config) { keeper_->want(claude::wishes_of(config)); }

}  // namespace workspaced::app
