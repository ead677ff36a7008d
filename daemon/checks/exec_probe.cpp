#include "checks/exec_probe.hpp"

#include "checks/command.hpp"

#include <utility>

namespace workspaced::checks {

boost::asio::awaitable<probe_result> run_exec(boost::asio::any_io_executor executor,
                                              os::process_table& processes, probe_request what) {
  command question;
  question.argv = std::get<core::exec_target>(what.target).argv;
  question.working_dir = std::move(what.working_dir);
  question.environment = std::move(what.environment);
  question.settings = std::move(what.settings);
  question.timeout = what.timeout;
  question.with_stderr = true;
  const command_end end = co_await run_command(std::move(executor), processes, std::move(question));
  probe_result result;
  result.ok = end.ok;
  result.answer = in_words(end);
  co_return result;
}

}  // namespace workspaced::checks
