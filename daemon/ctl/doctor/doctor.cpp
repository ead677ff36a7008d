// doctor: look, judge, tell.
#include "ctl/commands.hpp"
#include "ctl/doctor/gather.hpp"
#include "ctl/doctor/report.hpp"

#include <chrono>

namespace workspaced::ctl {
namespace {

// For all questions together: whoever is asked over a network gets three round trips to the other side of the
// world.
constexpr auto patience = std::chrono::milliseconds(1800);

}  // namespace

result<exit_code> run_doctor(const context& in) {
  const auto deadline = clock::now() + patience;
  doctor::facts seen;
  seen.version = WORKSPACED_VERSION;
  doctor::ask_daemon(in.daemon, seen);
  in.machine.look_around(seen, deadline);
  const auto all = doctor::judge(seen);
  in.out.print(in.args.json ? doctor::report_json(all) : doctor::report_text(all, in.look()));
  return doctor::conclusion(all);
}

}  // namespace workspaced::ctl
