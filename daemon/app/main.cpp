#include "app/main.hpp"

#include "app/arguments.hpp"
#include "app/daemon.hpp"
#include "app/single.hpp"
#include "config/load.hpp"
#include "holder/program.hpp"
#include "os/become.hpp"
#include "os/civil_time.hpp"
#include "os/process_facts.hpp"
#include "os/socket_path.hpp"
#include "os/spawn.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

extern char** environ;

namespace workspaced::app {
namespace {

enum exit_code { done = 0, cannot_run = 1, usage = 2, bad_configuration = 3 };

void complain(const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }

core::environment_map our_environment() {
  core::environment_map all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string::npos && equals > 0)
      all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

config::load_options source_of(const std::string& file) {
  config::load_options source = config::options_of_process(file);
  source.knows_zone = os::knows_zone;
  return source;
}

/// The configuration, or nothing after every error was printed.
std::optional<core::configuration> load_or_complain(const config::load_options& source) {
  auto loaded = config::load(source);
  for (const auto& each : loaded.errors) complain(config::to_string(each));
  return std::move(loaded.config);
}

int obey(const print_command& what) {
  std::fputs(what.text.c_str(), stdout);
  return done;
}

int obey(const usage_error& what) {
  complain("workspaced: " + what.message);
  return usage;
}

int obey(const check_command& what) {
  const auto config = load_or_complain(source_of(what.config));
  if (!config) return bad_configuration;
  std::printf("%s: %zu services, no errors\n", config->file.c_str(), config->services.size());
  return done;
}

int obey(const hold_command& what) { return holder::hold(what.socket); }

int obey(const single_command& what) {
  os::open_standard_descriptors();
  return run_single(what.argv, our_environment());
}

int obey(const run_command& what) {
  os::open_standard_descriptors();
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  daemon_parts parts;
  parts.source = source_of(what.config);
  auto config = load_or_complain(parts.source);
  if (!config) return bad_configuration;
  parts.config = std::move(*config);
  // A reload reads the file that was found at the start, wherever we are then.
  parts.source.explicit_file = parts.config.file;
  parts.environment = our_environment();
  if (const auto handed = parts.environment.extract(os::handover))
    parts.lock = os::handed_over(handed.mapped());
  parts.argv = what.argv;
  parts.socket = os::socket_path(what.socket, [&parts](const std::string& name) {
    const auto place = parts.environment.find(name);
    return place == parts.environment.end() ? std::string() : place->second;
  });
  os::raise_fd_limit();
  const auto made = daemon::create(std::move(parts));
  if (!made) {
    complain("workspaced: " + made.error());
    return cannot_run;
  }
  return (*made)->run();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return std::visit([](const auto& what) { return obey(what); }, parse(argc, argv));
  } catch (const std::exception& error) {
    complain(std::string("workspaced: ") + error.what());
    return cannot_run;
  }
}

}  // namespace workspaced::app
