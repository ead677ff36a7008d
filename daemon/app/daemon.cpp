#include "app/daemon.hpp"

#include "api/routes.hpp"
#include "app/exposition.hpp"
#include "app/upgrade.hpp"
#include "logs/daemon_log.hpp"
#include "os/become.hpp"
#include "os/files.hpp"
#include "os/process_facts.hpp"
#include "os/socket_path.hpp"
#include "state/instance.hpp"

#include <boost/asio/post.hpp>

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <utility>

namespace workspaced::app {
namespace {

/// What is being answered when all services are down has this long to end.
constexpr auto last_answers = std::chrono::milliseconds(1000);

/// A call that waits at a front door has a connection of its own.
constexpr std::size_t most_connections = 16'384;
/// Tools take pictures and files as arguments.
constexpr std::size_t largest_request = 4 * 1024 * 1024;

api::wall_time wall_now() { return std::chrono::system_clock::now(); }

supervisor::options services_of(const daemon_parts& parts, std::string instance) {
  supervisor::options options;
  options.log_dir = parts.config.daemon.log_dir;
  options.fifo_dir = parts.config.daemon.state_dir + "/fifos";
  options.schedule_dir = parts.config.daemon.state_dir + "/schedules";
  options.inherited = parts.environment;
  options.seed = os::random_seed();
  options.journal = parts.config.daemon.state_dir + "/services";
  options.holder = parts.config.daemon.state_dir + "/holder.sock";
  options.instance = std::move(instance);
  return options;
}

http::server_options server_of(const daemon_parts& parts, const tokens& secrets) {
  http::server_options options;
  options.rules.allowed_hosts = parts.config.http.allowed_hosts;
  options.rules.read_token = secrets.read;
  options.rules.admin_token = secrets.admin;
  options.rules.owner = ::geteuid();
  options.report = [](const std::string& problem) { logs::warning(problem); };
  options.max_connections = most_connections;
  options.body_limit = largest_request;
  return options;
}

std::string door_directory(const daemon_parts& parts) { return parts.config.daemon.state_dir + "/mcp"; }

door::doors::settings doors_of(const daemon_parts& parts) {
  return {door_directory(parts), parts.environment, [](const std::string& text) { logs::warning(text); }};
}

agent::options agent_of(const daemon_parts& parts, const supervisor::supervisor& services) {
  agent::options options;
  options.version = WORKSPACED_VERSION;
  options.control = parts.config.mcp_server.control;
  options.aggregate = parts.config.mcp_server.aggregate;
  options.log_of = [&services](const std::string& name) { return services.log_of(name); };
  options.now = wall_now;
  return options;
}

/// Settings that are read once, at the start: a reload can only say that they wait for the next one.
std::vector<std::string> waiting_for_restart(const core::configuration& before,
                                             const core::configuration& after) {
  std::vector<std::string> keys;
  const auto note = [&keys](bool differs, const char* key) {
    if (differs) keys.emplace_back(key);
  };
  note(before.daemon.log_dir != after.daemon.log_dir, "daemon.log_dir");
  note(before.daemon.state_dir != after.daemon.state_dir, "daemon.state_dir");
  note(before.daemon.level != after.daemon.level, "daemon.log_level");
  note(before.daemon.format != after.daemon.format, "daemon.log_format");
  note(before.http.listen != after.http.listen, "http.listen");
  note(before.http.allowed_hosts != after.http.allowed_hosts, "http.allowed_hosts");
  return keys;
}

}  // namespace

boost::system::result<std::unique_ptr<daemon>, std::string> daemon::create(daemon_parts parts) {
  const core::daemon_spec& settings = parts.config.daemon;
  if (const auto error = os::make_directories(settings.state_dir, 0700)) {
    return "cannot make the directory " + settings.state_dir + ": " + error.message() +
           "; see [daemon] state_dir";
  }
  auto lock = os::lock_directory(settings.state_dir, std::move(parts.lock));
  if (!lock) return lock.error();
  logs::daemon_log_options log;
  log.file = settings.log_dir + "/workspaced/workspaced.log";
  log.level = settings.level;
  log.format = settings.format;
  if (const auto opened = logs::open_daemon_log(log); !opened) {
    return opened.error().message() + "; see [daemon] log_dir";
  }
  if (const auto error = os::make_directories(door_directory(parts), 0700))
    return "cannot make the directory " + door_directory(parts) + ": " + error.message();
  const auto secrets = load_tokens(settings.state_dir);
  if (!secrets) return secrets.error();
  auto instance = state::instance_of(settings.state_dir);
  if (!instance) return instance.error();
  std::unique_ptr<daemon> made(new daemon(std::move(parts), std::move(*lock), *secrets, *instance));
  if (const auto listening = made->listen(); !listening) return listening.error();
  return made;
}

daemon::daemon(daemon_parts parts, os::unique_fd lock, tokens secrets, std::string instance)
    : parts_(std::move(parts)),
      lock_(std::move(lock)),
      services_(loop_, services_of(parts_, std::move(instance))),
      doors_(loop_.get_executor(), services_.processes(), doors_of(parts_)),
      events_(loop_.get_executor(), services_),
      claude_(loop_, {parts_.environment, parts_.socket, secrets.read, parts_.config.daemon.state_dir}),
      edits_(parts_.config.daemon.state_dir + "/edits"),
      control_({services_, doors_, events_, claude_, parts_.config.file, parts_.config.daemon, edits_.all(),
                [this](bool dry_run) { return reload(dry_run); },
                [this](const auto& name, const auto& definition) { return edit(name, definition); },
                [this] { shut_down(); }, [this] { return upgrade(); }}),
      tools_(doors_),
      agent_(loop_.get_executor(), control_, agent_of(parts_, services_), &tools_),
      server_(loop_.get_executor(), server_of(parts_, secrets), routes()),
      signals_(loop_, SIGTERM, SIGINT, SIGHUP) {
  signals_.add(SIGQUIT);
  connect_doors();
  services_.on_end_of_daemon([this](int code, const std::string& reason) {
    if (services_.shutting_down()) return;
    logs::info("a service ends the daemon: " + reason);
    exit_code_ = code;
    shut_down();
  });
}

std::vector<http::route> daemon::routes() {
  auto all = api::routes(control_, wall_now,
                         [this](std::string_view accept) { return expose(control_.view(), accept); });
  for (http::route& each : doors_.routes()) all.push_back(std::move(each));
  for (http::route& each : agent_.routes()) all.push_back(std::move(each));
  return all;
}

void daemon::connect_doors() {
  services_.on_change([this](const std::string& service, const core::state_changed& what) {
    const std::uint64_t run = services_.knows(service) ? services_.view(service).run : 0;
    doors_.service_is(service, what.current, run);
  });
  supervisor::stdio_port port;
  port.attach = [this](const std::string& service, std::uint64_t run, os::unique_fd to, os::unique_fd from) {
    doors_.attach(service, run, std::move(to), std::move(from));
  };
  port.detach = [this](const std::string& service) { doors_.detach(service); };
  port.ask = [this](std::string service) { return doors_.probe(std::move(service)); };
  services_.serve_stdio(std::move(port));
}

boost::system::result<void, std::string> daemon::listen() {
  if (const auto ready = os::prepare_socket_directory(parts_.socket); !ready) return ready.error();
  const core::tcp_target& where = parts_.config.http.listen;
  const auto port = server_.listen_tcp(where.host, where.port);
  if (!port) return port.error() + "; another address: [http] listen";
  // For whoever let the kernel choose: scripts and tests read the address here.
  const std::string address = "http://" + where.host + ":" + std::to_string(*port) + "\n";
  if (const auto error = os::write_whole(parts_.config.daemon.state_dir + "/address", address, 0644)) {
    return "cannot write the address file in " + parts_.config.daemon.state_dir + ": " + error.message();
  }
  claude_.listening(address.substr(0, address.size() - 1));
  logs::info("listening on " + where.host + ":" + std::to_string(*port) + " and " + parts_.socket);
  return server_.listen_unix(parts_.socket);
}

int daemon::run() {
  await_signal();
  os::let_signals_through();
  logs::info("started with " + parts_.config.file + " (pid " + std::to_string(::getpid()) + ")");
  parts_.config = edits_.lay_over(std::move(parts_.config), parts_.source);
  claude_.configure(parts_.config);
  doors_.configure(parts_.config.mcp);
  services_.resume(parts_.config.services);
  services_.configure(parts_.config.services);
  loop_.run();
  logs::info("stopped");
  return exit_code_;
}

void daemon::await_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    await_signal();
    if (signal != SIGHUP) return shut_down();
    const auto outcome = reload(false);
    if (const auto* bad = std::get_if<api::reload_errors>(&outcome)) {
      for (const std::string& line : bad->diagnostics) logs::error("reload refused: " + line);
    }
  });
}

void daemon::shut_down() {
  if (services_.shutting_down()) return;
  logs::info("stopping all services");
  doors_.close();
  agent_.close();
  services_.shutdown([this] {
    edits_.forget();
    events_.close();
    server_.stop(last_answers, [this] { loop_.stop(); });
  });
}

boost::asio::awaitable<boost::system::result<api::upgrade_begun, api::refusal>> daemon::upgrade() {
  if (services_.shutting_down())
    co_return api::refusal{api::refusal::kind::shutting_down, "cannot upgrade: the daemon is stopping"};
  auto begun = co_await try_successor(loop_.get_executor(), services_.processes(), parts_.environment,
                                      parts_.config.file);
  // The answer goes out first.
  if (begun) boost::asio::post(loop_, [this, program = begun->program] { become(program); });
  co_return begun;
}

void daemon::become(const std::string& program) {
  logs::info("becoming " + program);
  doors_.close();
  agent_.close();
  events_.close();
  server_.stop(last_answers, [this, program] {
    if (services_.shutting_down()) return;  // somebody stopped us meanwhile
    services_.hand_over();
    become_successor(program, parts_.argv, parts_.environment, lock_);
  });
}

api::reload_outcome daemon::edit(const std::string& name, const std::optional<std::string>& definition) {
  auto end = definition ? edits_.add(parts_.config, name, *definition, parts_.source)
                        : edits_.remove(parts_.config, name, parts_.source);
  if (auto* errors = std::get_if<api::reload_errors>(&end)) return std::move(*errors);
  if (auto* why = std::get_if<api::refusal>(&end)) return std::move(*why);
  core::service_map next = std::move(std::get<core::configuration>(end).services);
  const core::reload_plan plan = services_.plan(next);
  logs::info(definition ? "added until the next reload" : "removed until the next reload", name);
  services_.configure(next, core::renewal::edit);
  parts_.config.services = std::move(next);
  return api::reload_report{plan.added, plan.removed, plan.restarted, plan.changed, plan.unchanged, {}};
}

api::reload_outcome daemon::reload(bool dry_run) {
  auto loaded = config::load(parts_.source);
  if (!loaded.config) {
    api::reload_errors errors;
    for (const auto& each : loaded.errors) errors.diagnostics.push_back(config::to_string(each));
    return errors;
  }
  const core::reload_plan plan = services_.plan(loaded.config->services);
  api::reload_report report{plan.added,   plan.removed,   plan.restarted,
                            plan.changed, plan.unchanged, waiting_for_restart(parts_.config, *loaded.config)};
  if (dry_run) return report;
  logs::info("reloading " + loaded.config->file);
  edits_.forget();
  claude_.configure(*loaded.config);
  doors_.configure(loaded.config->mcp);
  agent_.configure(loaded.config->mcp_server.control, loaded.config->mcp_server.aggregate);
  services_.configure(loaded.config->services);
  // What waits for the next start stays as it is, so that the next reload says so again.
  parts_.config.services = std::move(loaded.config->services);
  parts_.config.mcp = std::move(loaded.config->mcp);
  parts_.config.daemon.redact = std::move(loaded.config->daemon.redact);
  parts_.config.mcp_server = std::move(loaded.config->mcp_server);
  return report;
}

}  // namespace workspaced::app
