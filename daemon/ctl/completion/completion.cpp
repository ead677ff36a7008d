// completion: the script that a shell reads once, and the answer that it asks for at each Tab.
#include "completion_files.hpp"
#include "ctl/commands.hpp"
#include "ctl/completion/candidates.hpp"

namespace workspaced::ctl {
namespace {

using completion::candidate;

/// Nobody wants to read an error there: without a daemon there are no names.
std::vector<candidate> known_names(transport& daemon, completion::named what) {
  std::vector<candidate> all;
  const auto fleet = ask_fleet(daemon);
  if (!fleet) return all;
  if (what == completion::named::doors) {
    for (const auto& each : fleet->doors) all.push_back({each.name, each.open ? "open" : "waits"});
  } else {
    for (const auto& each : fleet->services)
      all.push_back({each.name, std::string(core::to_string(each.state))});
  }
  return all;
}

exit_code answer(const context& in) {
  const auto found = completion::complete(
      *in.args.typed, [&in](completion::named what) { return known_names(in.daemon, what); });
  if (found.files) in.out.print(":files\n");
  for (const auto& [word, about] : found.words) in.out.print(word + '\t' + about + '\n');
  return exit_code::done;
}

}  // namespace

result<exit_code> run_completion(const context& in) {
  if (in.args.typed) return answer(in);
  const auto shell = in.args.names.empty() ? std::string() : in.args.names.front();
  if (shell != "bash" && shell != "zsh" && shell != "fish")
    return failure{exit_code::usage, "completion takes bash, zsh or fish; see: workspacectl help completion"};
  in.out.print(shell == "bash"  ? completion::workspacectl_bash
               : shell == "zsh" ? completion::workspacectl_zsh
                                : completion::workspacectl_fish);
  return exit_code::done;
}

}  // namespace workspaced::ctl
