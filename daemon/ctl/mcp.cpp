// mcp: what programs are told about our MCP servers, and the helper that Claude Code calls for its headers.
#include "ctl/commands.hpp"
#include "ctl/json_text.hpp"
#include "ctl/mcp_text.hpp"

#include <algorithm>

namespace workspaced::ctl {
namespace {

failure misuse(const std::string& text) { return {exit_code::usage, text + "; see: workspacectl help mcp"}; }

/// The document and whether all is as it should be.
result<exit_code> show(const context& in, const result<reply>& answer) {
  if (!answer) return answer.error();
  const auto all = read_registrations(answer->body);
  if (!all) return failure{exit_code::failed, "cannot read the daemon's answer: it is no list of entries"};
  in.out.print(in.args.json ? one_line(answer->body) : registrations_text(*all, in.look()));
  const bool fine = std::all_of(all->begin(), all->end(), [](const registration& each) { return each.fine; });
  return fine ? exit_code::done : exit_code::failed;
}

result<exit_code> headers(const context& in, const std::vector<std::string>& names) {
  if (names.size() != 1) return misuse("mcp headers needs the name of one server");
  const auto answer = ask(in.daemon, "GET", "/v1/mcp/" + names.front() + "/headers");
  if (!answer) return answer.error();
  in.out.print(one_line(answer->body));
  return exit_code::done;
}

}  // namespace

result<exit_code> run_mcp(const context& in) {
  const std::string action = in.args.names.empty() ? "status" : in.args.names.front();
  const std::vector<std::string> names(in.args.names.begin() + (in.args.names.empty() ? 0 : 1),
                                       in.args.names.end());
  if (action == "sync" || action == "remove")
    return show(in, ask(in.daemon, "POST", "/v1/mcp/" + action, order_body(names, in.args.force)));
  if (in.args.force) return misuse("--force is for mcp sync and mcp remove");
  if (action == "headers") return headers(in, names);
  if (action != "status") return misuse("mcp takes status, sync, remove or headers, not '" + action + "'");
  if (!names.empty()) return misuse("mcp status shows all servers and takes no name");
  return show(in, ask(in.daemon, "GET", "/v1/mcp"));
}

}  // namespace workspaced::ctl
