#include "ctl/run.hpp"

#include "ctl/commands.hpp"
#include "ctl/daemon_link.hpp"
#include "ctl/local_host.hpp"
#include "os/socket_path.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

namespace workspaced::ctl {
namespace {

std::string from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? value : "";
}

/// How long a daemon may think. Who examines one that is ill, or waits for the end of a word, is in a hurry.
clock::duration patience(verb_id what) {
  if (what == verb_id::doctor) return std::chrono::seconds(1);
  if (what == verb_id::completion) return std::chrono::milliseconds(40);
  return std::chrono::seconds(30);
}

int run_words(std::vector<std::string> words) {
  const bool json = std::find(words.begin(), words.end(), "--json") != words.end();
  const auto args = parse(std::move(words));
  auto out = open_console(args && args->no_color);
  if (!args) return static_cast<int>(report(out, args.error(), json));
  const auto socket = os::socket_path(args->socket, from_environment);
  if (const auto safe = os::check_socket_directory(socket); !safe) {
    return static_cast<int>(report(out, {exit_code::not_permitted, safe.error()}, json));
  }
  daemon_link daemon(socket, patience(args->what->id));
  local_host machine(socket, daemon);
  return static_cast<int>(execute({*args, daemon, machine, out}));
}

}  // namespace

int run(int argc, char** argv) {
  try {
    return run_words(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
  } catch (const std::exception& error) {
    auto out = open_console(true);
    return static_cast<int>(report(out, {exit_code::failed, error.what()}, false));
  }
}

}  // namespace workspaced::ctl
