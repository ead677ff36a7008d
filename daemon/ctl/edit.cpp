// add and remove: services that are there until the next reload.
#include "config/read_file.hpp"
#include "ctl/commands.hpp"
#include "ctl/json_text.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <iterator>

namespace workspaced::ctl {
namespace {

using nlohmann::json;

failure misuse(const std::string& text) { return {exit_code::usage, text + "; see: workspacectl help add"}; }

/// TOML of one service.
result<std::string> definition(const invocation& args) {
  const std::vector<std::string> command(args.names.begin() + 1, args.names.end());
  if (command.empty() == args.file.empty()) return misuse("add needs either a command behind -- or a --file");
  // An array of JSON strings is one of TOML.
  if (!command.empty())
    return "command = " + json(command).dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
  if (args.file == "-")
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  auto text = config::read_file(args.file);
  if (!text) return failure{exit_code::configuration, "cannot read " + args.file + ": " + text.error().why};
  return std::move(*text);
}

}  // namespace

result<exit_code> run_add(const context& in) {
  const auto deadline = in.deadline();
  const auto text = definition(in.args);
  if (!text) return text.error();
  const std::vector<std::string> names = {in.args.names.front()};
  const auto sent = ask(in.daemon, "PUT", "/v1/services/" + names.front(), *text);
  if (!sent) return sent.error();
  const auto fleet = ask_fleet(in.daemon);
  if (!fleet) return fleet.error();
  const auto* added = fleet->find(names.front());
  if (added == nullptr || !added->wanted)
    return conclude(in, {{outcome::done, {}}, *fleet}, names.front() + " is added until the next reload");
  const auto judge = [&names](const core::fleet_view& now, bool deadline_passed) {
    return judge_wait(now, names, wait_goal::ready, deadline_passed);
  };
  const auto how = follow(in, {names, deadline, judge});
  if (!how) return how.error();
  return conclude(in, *how, names.front() + " is added until the next reload, and is ready");
}

result<exit_code> run_remove(const context& in) {
  const auto deadline = in.deadline();
  const std::vector<std::string> names = {in.args.names.front()};
  const auto sent = ask(in.daemon, "DELETE", "/v1/services/" + names.front());
  if (!sent) return sent.error();
  const auto judge = [&names](const core::fleet_view& now, bool deadline_passed) {
    return judge_remove(now, names.front(), deadline_passed);
  };
  const auto how = follow(in, {names, deadline, judge});
  if (!how) return how.error();
  return conclude(in, *how, names.front() + " is stopped, and removed until the next reload");
}

}  // namespace workspaced::ctl
