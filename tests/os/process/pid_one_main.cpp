// A minimal init: starts what its arguments say and ends with its code, once the orphans that it left behind
// are gone. Ends with 100 when one of them stays as a zombie.
#include "os/process_facts.hpp"
#include "os/process_table.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

using namespace workspaced;

namespace {

/// Anybody but us.
bool somebody_is_left() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const int pid = std::atoi(entry.path().filename().c_str());
    if (pid > 1) return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (::getpid() != 1) {
    std::fprintf(stderr, "os_pid_one: my pid is %d\n", ::getpid());
    return 101;
  }
  boost::asio::io_context loop(1);
  os::process_table table(loop);
  int code = 102;
  bool ended = false;
  os::exit_handlers handlers;
  handlers.exited = [&](core::exit_status status, bool) {
    code = core::shell_code(status);
    ended = true;
  };
  os::spawn_request request;
  request.argv.assign(argv + 1, argv + argc);
  request.stdout_fd = 1;
  request.stderr_fd = 2;
  const auto pid = table.start(request, handlers);
  if (!pid) {
    std::fprintf(stderr, "%s\n", describe(pid.error()).c_str());
    return 103;
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!ended || somebody_is_left()) {
    if (std::chrono::steady_clock::now() > deadline) return 100;
    loop.run_one_for(std::chrono::milliseconds(5));
  }
  return code;
}
