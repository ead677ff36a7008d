#include "app/arguments.hpp"

#include <string_view>
#include <vector>

namespace workspaced::app {
namespace {

constexpr const char* help = R"(workspaced: starts, watches and reports the helper processes of a workspace.

usage: workspaced [run] [--config FILE] [--socket PATH]
       workspaced --check [--config FILE]
       workspaced -- COMMAND [ARGUMENT]...

  --config FILE   the configuration; otherwise $WORKSPACED_CONFIG, ./workspaced.toml, ./.workspaced/workspaced.toml,
                  ~/.config/workspaced/workspaced.toml, /etc/workspaced/workspaced.toml, whichever is first
  --socket PATH   where workspacectl finds it; otherwise $WORKSPACED_SOCKET, $XDG_RUNTIME_DIR/workspaced.sock,
                  /tmp/workspaced-<uid>/control.sock
  --check         read the configuration, report every error, start nothing
  -- COMMAND      without a configuration: runs this one command, as the first process of a container for instance;
                  passes signals on, reaps orphans, ends with the command's exit code (127: no such program)
  --version, --help

It stays in the foreground; `workspacectl up` starts it detached. SIGTERM and SIGINT stop all services in order and
end it, SIGHUP reloads the configuration. Exit codes: 0 done, 1 cannot run, 2 usage, 3 configuration.
)";

}  // namespace

command parse(int argc, const char* const* argv) {
  run_command run;
  run.argv.assign(argv, argv + argc);
  bool check = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto option = [&](std::string_view name, std::string& value) {
      if (word.starts_with(std::string(name) + "=")) {
        value = word.substr(name.size() + 1);
        return true;
      }
      if (word != name || i + 1 >= argc) return false;
      value = argv[++i];
      return true;
    };
    if (word == "--") {
      if (i + 1 == argc) return usage_error{"-- needs a command after it"};
      if (i != 1)
        return usage_error{"options have no meaning before -- and a command: it takes no configuration"};
      return single_command{{argv + i + 1, argv + argc}};
    }
    if (word == "--hold" && i == 1 && argc == 3) return hold_command{argv[2]};
    if (word == "--help" || word == "-h") return print_command{help};
    if (word == "--version" || word == "-V") return print_command{"workspaced " WORKSPACED_VERSION "\n"};
    if (word == "--check") {
      check = true;
    } else if (word == "run" && i == 1) {
      continue;
    } else if (!option("--config", run.config) && !option("--socket", run.socket)) {
      const bool incomplete = word == "--config" || word == "--socket";
      return usage_error{incomplete ? std::string(word) + " needs a value"
                                    : "unknown argument '" + std::string(word) + "'; see workspaced --help"};
    }
  }
  if (check) return check_command{run.config};
  return run;
}

}  // namespace workspaced::app
