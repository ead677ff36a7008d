#include "checks/exec_probe.hpp"

#include "checks/command.hpp"

#include <string_view>
#include <utility>

namespace workspaced::checks {
namespace {

std::string with_last_line(std::string answer, std::string_view output) {
  output = output.substr(0, output.find_last_not_of(" \t\r\n") + 1);
  const auto line = output.substr(output.find_last_of('\n') + 1);
  if (!line.empty()) answer += ": " + std::string(line.substr(0, 200));
  return answer;
}

}  // namespace

boost::asio::awaitable<probe_result> run_exec(boost::asio::any_io_executor executor,
                                              os::process_table& processes, probe_request what) {
  command question;
  question.argv = std::get<core::exec_target>(what.target).argv;
  question.working_dir = std::move(what.working_dir);
  question.environment = std::move(what.environment);
  question.timeout = what.timeout;
  question.with_stderr = true;
  const command_end end = co_await run_command(std::move(executor), processes, std::move(question));
  probe_result result;
  result.ok = end.ok;
  result.answer = end.ok ? end.text : with_last_line(end.text, end.output);
  co_return result;
}

}  // namespace workspaced::checks
