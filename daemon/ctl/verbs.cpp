#include "ctl/verbs.hpp"

#include <algorithm>
#include <array>

namespace workspaced::ctl {
namespace {

constexpr std::array options = {
    option{option_id::socket, "--socket", "PATH",
           "control socket of the daemon (default: $WORKSPACED_SOCKET, then the user's own)"},
    option{option_id::json, "--json", "", "answer in JSON, one object a line"},
    option{option_id::no_color, "--no-color", "", "no colour, also not on a terminal (as NO_COLOR does)"},
    option{option_id::wait, "--wait", "", "return when every required service is ready, or say why not"},
    option{option_id::timeout, "--timeout", "DURATION", "give up after this long: 300s, 2m, 500ms"},
    option{option_id::config, "--config", "FILE", "configuration file (default: the usual places)"},
    option{option_id::all, "--all", "", "every service"},
    option{option_id::follow, "-f,--follow", "", "go on with what is written from now on"},
    option{option_id::lines, "-n,--lines", "N", "this many last lines of each service (default 100)"},
    option{option_id::wait_for, "--for", "ready|stopped|completed", "what to wait for (default ready)"},
    option{option_id::dry_run, "--dry-run", "", "say what would change, change nothing"},
    option{option_id::force, "--force", "", "also what somebody changed by hand"},
    option{option_id::file, "--file", "FILE", "TOML with the keys of [services.NAME]; - is standard input"},
    option{option_id::of_host, "--host", "", "of the node instead of the container"},
};

const std::vector<verb>& table() {
  using enum option_id;
  static const std::vector<verb> verbs = {
      {verb_id::up,
       "up",
       "",
       0,
       0,
       "start the daemon if none runs, and all services with it",
       "Starts the daemon in the background, or reloads the configuration of the one that runs. With --wait "
       "it shows "
       "how the services come up and returns when every required one is ready: 0 ready, 1 a service failed, "
       "3 the "
       "configuration is wrong, 5 the time ran out.",
       "300s",
       {wait, timeout, config},
       {{"workspacectl up --wait", "for a startup script: one line, returns when the workspace is ready"},
        {"workspacectl up --wait --timeout 60s --config ./workspaced.toml",
         "a file of your own, a minute at most"}}},
      {verb_id::down,
       "down",
       "",
       0,
       0,
       "stop all services and the daemon",
       "Stops every service in reverse order of dependency, then the daemon, and returns when it is gone.",
       "60s",
       {timeout},
       {{"workspacectl down", "nothing of the workspace is left running"}}},
      {verb_id::status,
       "status",
       "",
       0,
       0,
       "table of all services",
       "Exit code 0 when every required service is ready, 1 when not.",
       "",
       {},
       {{"workspacectl status", "what runs, since when, and what is wrong"},
        {"workspacectl status --json", "the whole document, for jq"}}},
      {verb_id::start,
       "start",
       "NAME...",
       0,
       -1,
       "start services and wait until they are ready",
       "Names may be patterns (quote them). Exit code 1 as soon as one of the new runs fails.",
       "300s",
       {all, timeout},
       {{"workspacectl start web", "start one service"},
        {"workspacectl start 'worker-*'", "all that match"}}},
      {verb_id::stop,
       "stop",
       "NAME...",
       0,
       -1,
       "stop services and wait until they are gone",
       "Stops each service with everything it started. It stays stopped until somebody starts it.",
       "60s",
       {all, timeout},
       {{"workspacectl stop web", "stop one service"}, {"workspacectl stop --all", "stop every service"}}},
      {verb_id::restart,
       "restart",
       "NAME...",
       0,
       -1,
       "stop, start and wait until ready again",
       "Returns 0 when a new run of each service is ready, 1 as soon as one of them fails.",
       "300s",
       {all, timeout},
       {{"workspacectl restart web", "a new process, ready"},
        {"workspacectl restart web db --timeout 30s", "two of them, in thirty seconds"}}},
      {verb_id::logs,
       "logs",
       "[NAME...]",
       0,
       -1,
       "what services have written",
       "Lines of several services are prefixed with the service's name. Without a name: all services.",
       "",
       {follow, lines},
       {{"workspacectl logs -f web", "follow one service"},
        {"workspacectl logs -n 20", "the last lines of every one"}}},
      {verb_id::wait,
       "wait",
       "[NAME...]",
       0,
       -1,
       "block until services are ready, stopped or completed",
       "For scripts that must not race. Without a name: every required service. Exit code 1 when one has "
       "failed, 5 "
       "when the time ran out.",
       "300s",
       {wait_for, timeout},
       {{"workspacectl wait db && ./import", "go on once db is ready"},
        {"workspacectl wait --for completed migrate", "until a task is done"}}},
      {verb_id::why,
       "why",
       "NAME",
       1,
       1,
       "why a service is in the state it is in",
       "The chain that holds it up: dependencies, the probe and its last answer, the last exit, the next "
       "retry and "
       "the last log lines.",
       "",
       {},
       {{"workspacectl why web", "what web is waiting for"}}},
      {verb_id::reload,
       "reload",
       "",
       0,
       0,
       "read the configuration again and apply what changed",
       "A wrong configuration changes nothing: every error is printed, exit code 3.",
       "",
       {dry_run},
       {{"workspacectl reload --dry-run", "see what would be started, stopped and restarted"}}},
      {verb_id::env,
       "env",
       "NAME",
       1,
       1,
       "what a process of a service is given",
       "Each variable of its environment on a line. The values of secrets, by their names, are left out: see "
       "daemon.redact.",
       "",
       {},
       {{"workspacectl env web", "why does it not see my variable?"}}},
      {verb_id::add,
       "add",
       "NAME [-- COMMAND...]",
       1,
       -1,
       "add a service until the next reload",
       "The service is a command, or a file with the keys of [services.NAME]. It is started, unless it says "
       "autostart = false, and add returns when it is ready. One that was added before is replaced; one of "
       "the configuration is changed there. The next reload, and so the next up, takes it away.",
       "300s",
       {file, timeout},
       {{"workspacectl add docs -- python3 -m http.server 8080",
         "run something for an hour, watched like the others"},
        {"workspacectl add db --file db.toml", "try a service before it goes into the configuration"}}},
      {verb_id::remove,
       "remove",
       "NAME",
       1,
       1,
       "stop a service and take it away until the next reload",
       "It is no longer in status and /health. Refused when another service needs it.",
       "60s",
       {timeout},
       {{"workspacectl remove docs", "it is no longer wanted"}}},
      {verb_id::upgrade,
       "upgrade",
       "",
       0,
       0,
       "a new version of the daemon, under running services",
       "Replace the daemon's file first (rename over it), then say this: the daemon becomes the new program, "
       "with "
       "the same pid and arguments, and no service is restarted. A file that is no workspaced, or does not "
       "take "
       "the configuration, is refused and changes nothing.",
       "60s",
       {timeout},
       {{"workspacectl upgrade", "after: install new/workspaced /usr/local/bin/"}}},
      {verb_id::mcp,
       "mcp",
       "[status|sync|remove|headers] [NAME...]",
       0,
       -1,
       "what Claude Code is told about MCP servers",
       "status: file, scope and state of each entry, and what differs; exit code 1 when one is not as it "
       "should be. sync: write what is missing. remove: take entries away until the next sync. headers: what "
       "a client of that server sends, for Claude Code's headersHelper. An entry that somebody changed by "
       "hand "
       "is left alone without --force. An entry that is removed by other means is written again; to be rid "
       "of "
       "it, set claude = false in the configuration.",
       "",
       {force},
       {{"workspacectl mcp", "are all entries in place?"},
        {"workspacectl mcp sync --force web", "ours again, whatever stands there"}}},
      {verb_id::health,
       "health",
       "",
       0,
       0,
       "what /health says",
       "Exit code 0 when every required service is ready, 1 when not.",
       "",
       {},
       {{"workspacectl health", "one line, and one for each service that is not ready"}}},
      {verb_id::doctor,
       "doctor",
       "",
       0,
       0,
       "all that can be wrong with a workspace, and the fix",
       "Looks at the daemon, Claude Code, Coder, the checkout and the container, changes nothing and takes "
       "two "
       "seconds at most. Exit code 0 when no check failed, 3 when the configuration has errors, 4 when no "
       "daemon runs, else 1.",
       "",
       {},
       {{"workspacectl doctor", "something is wrong: where to begin?"},
        {"workspacectl doctor --json | jq .failed", "for a script"}}},
      {verb_id::stat,
       "stat",
       "cpu|mem|disk|load|swap|services",
       1,
       1,
       "one figure in one line, for a dashboard",
       "Of the container, as its cgroup limits it; without a limit, and with --host, of the node. cpu is the "
       "average since "
       "it was asked last, disk that of the current directory, services those that count for health.",
       "",
       {of_host},
       {{"workspacectl stat cpu", "0.3/2 cores (15%)"},
        {"workspacectl stat mem --host", "9.8/23.4 GiB (42%)"}}},
      {verb_id::check,
       "check",
       "[FILE]",
       0,
       1,
       "look for errors in a configuration",
       "Needs no daemon. Prints every error with file, line and column; exit code 3 when there is one.",
       "",
       {},
       {{"workspacectl check", "the file that `up` would use"},
        {"workspacectl check ./workspaced.toml", "this one"}}},
      {verb_id::completion,
       "completion",
       "bash|zsh|fish",
       0,
       1,
       "completion of verbs, options and names for a shell",
       "Prints what the shell is to read. At each Tab it then asks `workspacectl completion -- WORDS...`, "
       "which "
       "knows the services of the daemon that runs.",
       "",
       {},
       {{"workspacectl completion bash", "in ~/.bashrc: source <(workspacectl completion bash)"},
        {"workspacectl completion zsh", "in ~/.zshrc, after compinit: source <(workspacectl completion zsh)"},
        {"workspacectl completion fish | source", "in ~/.config/fish/config.fish"}}},
      {verb_id::version,
       "version",
       "",
       0,
       0,
       "version of this program and of the running daemon",
       "",
       "",
       {},
       {{"workspacectl version", "both, when a daemon runs"}}},
      {verb_id::help,
       "help",
       "[VERB]",
       0,
       1,
       "this overview, or all about one verb",
       "",
       "",
       {},
       {{"workspacectl help up", "options and examples of up"}}},
  };
  return verbs;
}

}  // namespace

std::span<const verb> all_verbs() { return table(); }

std::span<const option> all_options() { return options; }

const option& find_option(option_id id) {
  return *std::find_if(options.begin(), options.end(), [id](const option& o) { return o.id == id; });
}

const verb* find_verb(std::string_view name) {
  const auto it =
      std::find_if(table().begin(), table().end(), [name](const verb& v) { return v.name == name; });
  return it == table().end() ? nullptr : &*it;
}

}  // namespace workspaced::ctl
