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

api::registration_view view_of(claude::entry_status from) {
  api::registration_view view;
  view.server = std::move(from.server);
  view.program = std::move(from.program);
  view.scope = std::move(from.scope);
  view.file = std::move(from.file);
  view.at = std::move(from.at);
  view.state = claude::to_string(from.state);
  view.fine = from.state == claude::entry_state::in_place || from.state == claude::entry_state::not_wanted;
  view.detail = std::move(from.detail);
  for (auto& [member, wanted, found] : from.differences)
    view.differences.push_back({std::move(member), std::move(wanted), std::move(found)});
  return view;
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

std::vector<api::registration_view> registrar::list() const {
  std::vector<api::registration_view> views;
  for (claude::entry_status& each : keeper_->status()) views.push_back(view_of(std::move(each)));
  return views;
}

boost::asio::awaitable<void> registrar::sync(std::vector<std::string> servers, bool force) {
  return keeper_->sync(std::move(servers), force);
}

boost::asio::awaitable<void> registrar::remove(std::vector<std::string> servers, bool force) {
  return keeper_->remove(std::move(servers), force);
}

http::header_list registrar::headers() const { return {{"Authorization", "Bearer " + all_.token}}; }

}  // namespace workspaced::app
