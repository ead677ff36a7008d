#include "app/single.hpp"

#include "os/process_table.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <utility>

namespace workspaced::app {
namespace {

constexpr int no_such_program = 127;
constexpr int cannot_execute = 126;

/// Not those that speak of ourselves (SIGCHLD, SIGPIPE, faults), and not SIGKILL and SIGSTOP, which nobody
/// can catch.
constexpr std::array passed_on = {SIGTERM, SIGINT,  SIGHUP,  SIGQUIT,  SIGUSR1, SIGUSR2,
                                  SIGALRM, SIGCONT, SIGTSTP, SIGWINCH, SIGPWR};

int code_for(const os::spawn_error& error) {
  std::fprintf(stderr, "workspaced: %s\n", os::describe(error).c_str());
  return error.error == ENOENT ? no_such_program : cannot_execute;
}

}  // namespace

int run_single(const std::vector<std::string>& command, const core::environment_map& environment) {
  boost::asio::io_context loop{1};
  os::process_table processes(loop);
  boost::asio::signal_set signals(loop);
  for (const int each : passed_on) signals.add(each);

  os::spawn_request request;
  request.argv = command;
  for (const auto& [name, value] : environment) request.environment.push_back(name + "=" + value);
  request.stdin_fd = STDIN_FILENO;
  request.stdout_fd = STDOUT_FILENO;
  request.stderr_fd = STDERR_FILENO;
  int code = 0;
  pid_t leader = 0;
  os::exit_handlers handlers;
  handlers.exited = [&](core::exit_status status, bool group_alive) {
    code = core::shell_code(status);
    if (!group_alive) return loop.stop();
    processes.signal_group(leader, SIGKILL);
  };
  handlers.group_gone = [&] { loop.stop(); };
  const auto pid = processes.start(request, std::move(handlers));
  if (!pid) return code_for(pid.error());
  leader = *pid;

  std::function<void()> pass_on = [&] {
    signals.async_wait([&](const boost::system::error_code& error, int signal) {
      if (error) return;
      processes.signal_group(leader, signal);
      pass_on();
    });
  };
  pass_on();
  loop.run();
  return code;
}

}  // namespace workspaced::app
