// From a parsed command line to an exit code.
#include "ctl/commands.hpp"
#include "ctl/json_text.hpp"

namespace workspaced::ctl {
namespace {

result<exit_code> dispatch(const context& in) {
  switch (in.args.what->id) {
    case verb_id::up: return run_up(in);
    case verb_id::down: return run_down(in);
    case verb_id::status: return run_status(in);
    case verb_id::start: return run_start(in);
    case verb_id::stop: return run_stop(in);
    case verb_id::restart: return run_restart(in);
    case verb_id::logs: return run_logs(in);
    case verb_id::wait: return run_wait(in);
    case verb_id::why: return run_why(in);
    case verb_id::reload: return run_reload(in);
    case verb_id::upgrade: return run_upgrade(in);
    case verb_id::add: return run_add(in);
    case verb_id::remove: return run_remove(in);
    case verb_id::env: return run_env(in);
    case verb_id::mcp: return run_mcp(in);
    case verb_id::health: return run_health(in);
    case verb_id::doctor: return run_doctor(in);
    case verb_id::stat: return run_stat(in);
    case verb_id::check: return run_check(in);
    case verb_id::completion: return run_completion(in);
    case verb_id::version: return run_version(in);
    case verb_id::help: in.out.print(overview()); return exit_code::done;
  }
  return exit_code::usage;
}

}  // namespace

exit_code report(console& out, const failure& what, bool json) {
  if (json) {
    out.print(error_json(what));
  } else if (what.code == exit_code::configuration) {
    out.complain(what.text + '\n');  // file:line:column first, as editors and compilers have it
  } else {
    out.complain("workspacectl: " + what.text + '\n');
  }
  return what.code;
}

exit_code execute(const context& in) {
  if (in.args.help) {
    in.out.print(help_of(*in.args.what));
    return exit_code::done;
  }
  const auto code = dispatch(in);
  return code ? *code : report(in.out, code.error(), in.args.json);
}

}  // namespace workspaced::ctl
