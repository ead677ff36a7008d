// status, why, health, reload, check and version: one question, one answer.
#include "ctl/commands.hpp"
#include "ctl/documents.hpp"
#include "ctl/json_text.hpp"

namespace workspaced::ctl {

result<exit_code> run_status(const context& in) {
  const auto answer = ask(in.daemon, "GET", "/v1/services");
  if (!answer) return answer.error();
  const auto fleet = read_fleet(answer->body);
  if (!fleet) return failure{exit_code::failed, "cannot read the daemon's answer: it is no list of services"};
  in.out.print(in.args.json ? one_line(answer->body) : status_table(*fleet, in.look()));
  return fleet->healthy() ? exit_code::done : exit_code::failed;
}

result<exit_code> run_why(const context& in) {
  const auto answer = ask(in.daemon, "GET", "/v1/services");
  if (!answer) return answer.error();
  const auto fleet = read_fleet(answer->body);
  if (!fleet) return failure{exit_code::failed, "cannot read the daemon's answer: it is no list of services"};
  const auto names = select(*fleet, in.args.names, false);
  if (!names) return names.error();
  for (const auto& name : *names) {
    const auto roots = root_causes(*fleet, name);
    std::vector<std::string> unready;
    for (const auto& root : roots) {
      if (!fleet->find(root)->is_ready()) unready.push_back(root);
    }
    const auto logs = last_lines(in.daemon, unready, 10);
    in.out.print(in.args.json ? why_json(answer->body, name, roots, logs)
                              : explanation(*fleet, name, logs, in.look()));
  }
  return exit_code::done;
}

result<exit_code> run_env(const context& in) {
  const auto fleet = ask_fleet(in.daemon);
  if (!fleet) return fleet.error();
  const auto names = select(*fleet, in.args.names, false);
  if (!names) return names.error();
  for (const auto& name : *names) {
    const auto answer = ask(in.daemon, "GET", "/v1/services/" + name + "/environment");
    if (!answer) return answer.error();
    in.out.print(in.args.json ? one_line(answer->body) : environment_text(answer->body));
  }
  return exit_code::done;
}

result<exit_code> run_health(const context& in) {
  const auto answer = in.daemon.request("GET", "/health", {});
  if (!answer) return answer.error();
  if (!answer->ok() && answer->status != 503) return problem(*answer);
  const auto code = answer->ok() ? exit_code::done : exit_code::failed;
  in.out.print(in.args.json ? one_line(answer->body) : health_text(answer->body));
  return code;
}

result<exit_code> run_reload(const context& in) {
  const auto answer = ask(in.daemon, "POST", in.args.dry_run ? "/v1/reload?dry_run=true" : "/v1/reload");
  if (!answer) return answer.error();
  in.out.print(in.args.json ? one_line(answer->body) : reload_text(answer->body, in.args.dry_run));
  return exit_code::done;
}

result<exit_code> run_check(const context& in) {
  const auto found = in.machine.check(in.args.names.empty() ? in.args.config : in.args.names.front());
  if (!found) return found.error();
  in.out.print(in.args.json
                   ? check_json(found->file, found->services)
                   : found->file + ": no errors, " + std::to_string(found->services) + " services\n");
  return exit_code::done;
}

result<exit_code> run_version(const context& in) {
  const auto fleet = ask_fleet(in.daemon);
  const auto daemon = fleet ? fleet->daemon.version : std::string{};
  if (in.args.json) {
    in.out.print(version_json(WORKSPACED_VERSION, daemon));
    return exit_code::done;
  }
  in.out.print("workspacectl " WORKSPACED_VERSION "\n");
  in.out.print(daemon.empty() ? "no daemon runs\n" : "workspaced " + daemon + '\n');
  return exit_code::done;
}

}  // namespace workspaced::ctl
