// doctor: look, judge, tell.
#include "ctl/commands.hpp"
#include "ctl/doctor/gather.hpp"
#include "ctl/doctor/report.hpp"

namespace workspaced::ctl {

result<exit_code> run_doctor(const context& in) {
  doctor::facts seen;
  seen.version = WORKSPACED_VERSION;
  doctor::ask_daemon(in.daemon, seen);
  in.machine.look_around(seen);
  const auto all = doctor::judge(seen);
  in.out.print(in.args.json ? doctor::report_json(all) : doctor::report_text(all, in.look()));
  return doctor::conclusion(all);
}

}  // namespace workspaced::ctl
