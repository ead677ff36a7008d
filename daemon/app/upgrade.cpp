#include "app/upgrade.hpp"

#include "checks/command.hpp"
#include "logs/daemon_log.hpp"
#include "os/become.hpp"

#include <unistd.h>

#include <chrono>
#include <cstring>
#include <utility>

namespace workspaced::app {
namespace {

using outcome = boost::system::result<api::upgrade_begun, api::refusal>;

constexpr std::chrono::seconds patience{10};
constexpr std::string_view name = "workspaced ";

checks::command command_of(const std::string& program, std::initializer_list<std::string> arguments,
                           const core::environment_map& environment) {
  checks::command command;
  command.argv.push_back(program);
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.environment = environment;
  command.timeout = patience;
  command.with_stderr = true;
  return command;
}

outcome refuse(const std::string& why) {
  return api::refusal{api::refusal::kind::conflict,
                      "cannot upgrade: " + why + "; everything goes on as it was"};
}

}  // namespace

boost::asio::awaitable<outcome> try_successor(boost::asio::any_io_executor executor,
                                              os::process_table& processes, core::environment_map environment,
                                              std::string config_file) {
  const std::string program = os::program_on_disk();
  // The commands in variables: g++ 12 cannot keep a list in braces across a co_await.
  auto ask_version = command_of(program, {"--version"}, environment);
  const auto said = co_await checks::run_command(executor, processes, std::move(ask_version));
  if (!said.ok || !said.output.starts_with(name))
    co_return refuse(program + " is not a workspaced: " + checks::in_words(said));
  std::string version = said.output.substr(name.size());
  version.erase(std::min(version.find('\n'), version.size()));
  auto check = command_of(program, {"--check", "--config", config_file}, environment);
  const auto checked = co_await checks::run_command(executor, processes, std::move(check));
  if (!checked.ok) co_return refuse(program + " does not take " + config_file + ": " + checked.output);
  co_return outcome(api::upgrade_begun{program, version});
}

void become_successor(const std::string& program, const std::vector<std::string>& argv,
                      const core::environment_map& environment, const os::unique_fd& lock) {
  std::vector<std::string> block;
  for (const auto& [key, value] : environment) block.push_back(key + "=" + value);
  int error = os::become(program, argv, block, lock);
  logs::error("cannot become " + program + ": " + std::strerror(error) + "; starting anew as what we were");
  error = os::become("/proc/self/exe", argv, block, lock);
  // The services live on, and the next daemon takes them over.
  logs::error(std::string("cannot start anew: ") + std::strerror(error));
  ::_exit(1);
}

}  // namespace workspaced::app
