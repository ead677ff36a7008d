#include "supervisor/supervisor.hpp"

#include "core/durations.hpp"
#include "core/fingerprint.hpp"
#include "logs/daemon_log.hpp"
#include "os/files.hpp"
#include "os/process_facts.hpp"
#include "supervisor/run_mark.hpp"

#include <boost/asio/post.hpp>

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <utility>

namespace workspaced::supervisor {
namespace {

// Until strangers that were killed are gone. One that the kernel does not let die is left behind.
constexpr unsigned most_rounds = 100;
constexpr std::chrono::milliseconds round_pause{5};

core::time_point now() { return std::chrono::steady_clock::now(); }

std::vector<std::string> as_block(const core::environment_map& environment) {
  std::vector<std::string> block;
  block.reserve(environment.size());
  for (const auto& [name, value] : environment) block.push_back(name + "=" + value);
  return block;
}

const std::vector<std::string>& command_of(const core::service_spec& spec, core::hook_kind kind) {
  switch (kind) {
    case core::hook_kind::before_start: return spec.hooks.before_start;
    case core::hook_kind::after_ready: return spec.hooks.after_ready;
    case core::hook_kind::stop: return spec.stop.command;
    case core::hook_kind::after_stop: break;
  }
  return spec.hooks.after_stop;
}

}  // namespace

supervisor::supervisor(boost::asio::io_context& loop, options settings)
    : loop_(loop),
      settings_(std::move(settings)),
      fleet_(settings_.seed),
      groups_(os::cgroup_parent::find("workspaced-" + settings_.instance)),
      processes_(loop),
      probes_(loop, processes_,
              [this](const std::string& name, core::probe_answered answer) { tell(name, answer); }),
      hooks_(loop, processes_,
             [this](const std::string& name, const core::hook_finished& what) { tell(name, what); }),
      timetable_(loop, settings_.schedule_dir,
                 [this](const std::string& name) { tell(name, core::schedule_due{}); }),
      journal_(settings_.journal, os::machine_epoch(), [](const std::string& text) { logs::warning(text); }),
      holder_(loop, processes_, settings_.holder, [](const std::string& text) { logs::warning(text); }),
      timer_(loop) {}

void supervisor::configure(const core::service_map& services, core::renewal why) {
  carry_out(fleet_.configure(services, now(), why));
  timetable_.configure(services);
  for (const auto& [name, log] : logs_) {
    if (fleet_.knows(name))
      log->reconfigure(log_file(name), fleet_.spec(name).log.max_size, fleet_.spec(name).log.keep);
  }
}

core::reload_plan supervisor::plan(const core::service_map& services) const {
  core::service_map present;
  for (const std::string& name : fleet_.names()) present.emplace(name, fleet_.spec(name));
  return core::plan_reload(present, services);
}

void supervisor::start(const std::vector<std::string>& names) { carry_out(fleet_.start(names, now())); }
void supervisor::stop(const std::vector<std::string>& names) { carry_out(fleet_.stop(names, now())); }
void supervisor::restart(const std::vector<std::string>& names) { carry_out(fleet_.restart(names, now())); }

void supervisor::shutdown(std::function<void()> done) {
  when_down_ = std::move(done);
  timetable_.close();
  carry_out(fleet_.shutdown(now()));
}

core::service_view supervisor::view(const std::string& name) const {
  core::service_view view = fleet_.view(name, now());
  view.log_file = log_file(name);
  view.next_run = timetable_.until_next(name);
  const bool at_rest = !view.pid && view.state != core::status::waiting;
  if (view.next_run && at_rest) view.reason += "; its next time is in " + core::in_words(*view.next_run);
  if (const auto place = warnings_.find(name); place != warnings_.end()) view.warnings = place->second;
  if (const auto log = log_of(name)) {
    view.log_bytes = log->bytes();
    if (!log->trouble().empty()) view.warnings.push_back("what it writes is lost: " + log->trouble());
  }
  return view;
}

std::vector<core::service_view> supervisor::views() const {
  std::vector<core::service_view> all;
  for (const std::string& name : fleet_.names()) all.push_back(view(name));
  return all;
}

boost::system::result<core::environment_map, std::string> supervisor::environment_of(
    const std::string& name) const {
  const core::service_spec& spec = fleet_.spec(name);
  auto setup = setup_for(spec, settings_.inherited);
  if (!setup) return setup.error();
  const std::string mark = marker_of(spec, {fleet_.state(name).runs});
  const auto equals = mark.find('=');
  setup->environment[mark.substr(0, equals)] = mark.substr(equals + 1);
  return std::move(setup->environment);
}

std::shared_ptr<logs::service_log> supervisor::log_of(const std::string& name) const {
  const auto place = logs_.find(name);
  return place == logs_.end() ? nullptr : place->second;
}

std::string supervisor::log_file(const std::string& name) const {
  const std::string& own = fleet_.spec(name).log.file;
  return own.empty() ? settings_.log_dir + "/" + name + "/" + name + ".log" : own;
}

void supervisor::tell(const std::string& name, const core::event& what) {
  if (handed_over_) return;
  carry_out(fleet_.handle(name, what, now()));
}

void supervisor::carry_out(core::orders list) {
  for (core::order& each : list) queue_.push_back(std::move(each));
  if (!busy_) work();
}

/// Carries out what is queued. After a spawn the others on the loop get their turn: one takes a millisecond,
/// on a busy machine many, and a storm of restarts must not hold up an answer of /health.
void supervisor::work() {
  busy_ = true;
  while (!queue_.empty()) {
    const core::order next = std::move(queue_.front());
    queue_.pop_front();
    std::visit([&](const auto& what) { obey(next.service, what); }, next.what);
    const bool spawned = std::holds_alternative<core::spawn_process>(next.what);
    if (spawned && !queue_.empty()) return boost::asio::post(loop_, [this] { work(); });
  }
  busy_ = false;
  for (const std::string& name : fleet_.take_touched()) remember(name);
  forget_removed();
  arm();
  finish_shutdown();
}

void supervisor::obey(const std::string& name, const core::spawn_process& what) {
  const core::service_spec& spec = fleet_.spec(name);
  std::string problem;
  logs::service_log* log = open_log(name, problem);
  if (log == nullptr) return tell(name, core::spawn_failed{what.run, problem});
  auto ends = ends_for(spec, *log, problem);
  if (!ends) return tell(name, core::spawn_failed{what.run, problem});
  auto setup = setup_for(spec, settings_.inherited);
  if (!setup) return tell(name, core::spawn_failed{what.run, setup.error()});
  // Who opens /dev/stdout by name needs to own it.
  if (setup->settings.who) {
    os::give_to(ends->out, *setup->settings.who);
    os::give_to(ends->err, *setup->settings.who);
  }
  os::spawn_request request;
  request.argv = spec.command;
  // By this the processes of the run are found that leave everything else.
  request.marker = marker_of(spec, what.run);
  request.environment = as_block(setup->environment);
  request.environment.push_back(request.marker);
  request.settings = std::move(setup->settings);
  request.working_dir = spec.working_dir;
  request.stdin_fd = ends->in.get();
  request.stdout_fd = ends->out.get();
  request.stderr_fd = ends->err.get();
  remember(name);  // before there is a process: whoever finds it knows which run it is
  auto home = group_for(spec, what.run);
  const auto pid = processes_.start(std::move(request), watch(name, what.run), std::move(home));
  if (!pid) return tell(name, core::spawn_failed{what.run, describe(pid.error())});
  const auto row = os::row_of(*pid);
  running_[name] = process{what.run, *pid, row ? row->started : 0};
  if (spec.stdio && stdio_.attach)
    stdio_.attach(name, what.run.value, std::move(ends->to_it), std::move(ends->from_it));
  tell(name, core::spawned{what.run, *pid});
}

std::optional<supervisor::child_ends> supervisor::ends_for(const core::service_spec& spec,
                                                           logs::service_log& log, std::string& problem) {
  child_ends ends;
  auto err = log.open_for_child(logs::stream::err);
  auto out = log.open_for_child(logs::stream::out);
  if (!out || !err) {
    problem = "cannot connect its output to the log: " + (!out ? out.error() : err.error()).message();
    return std::nullopt;
  }
  ends.err = std::move(*err);
  ends.out = std::move(*out);
  if (!spec.stdio) return ends;
  auto to = os::make_pipe();
  auto from = os::make_pipe();
  if (!to || !from) {
    problem = "cannot make a pipe to it: " + (!to ? to.error() : from.error()).message();
    return std::nullopt;
  }
  ends.in = std::move(to->reading);
  ends.to_it = std::move(to->writing);
  ends.out = std::move(from->writing);
  ends.from_it = std::move(from->reading);
  return ends;
}

void supervisor::serve_stdio(stdio_port port) {
  stdio_ = std::move(port);
  probes_.ask_stdio = stdio_.ask;
}

/// A failed start leaves nothing in the group, which is gone with it.
std::unique_ptr<os::cgroup> supervisor::group_for(const core::service_spec& spec, core::run_id run) {
  const core::limits_spec& configured = spec.process.limits;
  const os::cgroup_limits limits{configured.memory, configured.milli_cpus};
  std::vector<std::string>& warnings = warnings_[spec.name];
  warnings.clear();
  const std::string group = group_name(spec.name, run.value);
  auto home = groups_ ? groups_->make(group) : nullptr;
  if (home && limits.any()) warnings = groups_->limit(group, limits);
  if (!home && limits.any()) {
    const std::string why = groups_ ? "the kernel refuses a cgroup below our own" : groups_.error();
    warnings.push_back("limits.memory and limits.cpus are not applied: " + why);
  }
  for (const std::string& each : warnings) logs::warning(each, spec.name);
  return home;
}

/// The handlers look the run up by number: when they are called, the service may be in another one or gone.
os::exit_handlers supervisor::watch(const std::string& name, core::run_id run) {
  os::exit_handlers handlers;
  handlers.exited = [this, name, run](core::exit_status status, bool group_alive) {
    if (!group_alive) ended(name);
    tell(name, core::process_exited{run, status, group_alive});
  };
  handlers.group_gone = [this, name, run] {
    ended(name);
    tell(name, core::group_gone{run});
  };
  return handlers;
}

/// Nobody of the run can write any more: what it wrote belongs into the log before the next run starts.
void supervisor::ended(const std::string& name) {
  running_.erase(name);
  if (fleet_.spec(name).stdio && stdio_.detach) stdio_.detach(name);
  if (const auto log = log_of(name)) log->drain();
}

void supervisor::obey(const std::string& name, const core::signal_group& what) {
  const auto place = running_.find(name);
  if (place == running_.end() || place->second.run != what.run) return;
  processes_.signal_group(place->second.handle, what.signal);
}

void supervisor::obey(const std::string& name, const core::run_probe& what) {
  const core::service_spec& spec = fleet_.spec(name);
  auto setup = setup_for(spec, settings_.inherited);
  if (!setup) return tell(name, core::probe_answered{what.run, what.kind, false, false, setup.error()});
  probes_.start(spec, std::move(*setup), what);
}

void supervisor::obey(const std::string& name, const core::cancel_probes&) { probes_.cancel(name); }

void supervisor::obey(const std::string& name, const core::run_hook& what) {
  const core::service_spec& spec = fleet_.spec(name);
  auto setup = setup_for(spec, settings_.inherited);
  if (!setup) return tell(name, core::hook_finished{what.run, what.kind, false, setup.error()});
  checks::command command;
  command.argv = command_of(spec, what.kind);
  command.working_dir = spec.working_dir;
  command.environment = std::move(setup->environment);
  command.settings = std::move(setup->settings);
  command.environment["WORKSPACED_SERVICE"] = name;
  command.environment["WORKSPACED_HOOK"] = core::to_string(what.kind);
  const core::service& state = fleet_.state(name);
  const core::run* current = core::current_run(state);
  if (current != nullptr && current->pid)
    command.environment["WORKSPACED_MAIN_PID"] = std::to_string(*current->pid);
  if (what.kind == core::hook_kind::after_stop && state.last_run)
    command.environment["WORKSPACED_END"] = state.last_run->reason;
  command.timeout = what.kind == core::hook_kind::stop ? spec.stop.timeout : spec.hooks.timeout;
  command.with_stderr = true;
  hooks_.start(name, what, std::move(command));
}

void supervisor::obey(const std::string& name, const core::cancel_hooks& what) {
  hooks_.cancel(name, what.run);
}

void supervisor::obey(const std::string& name, const core::end_daemon& what) {
  logs::info("its end is the daemon's end: " + what.reason, name);
  if (end_daemon_) end_daemon_(what.code, what.reason);
}

void supervisor::obey(const std::string& name, const core::state_changed& what) {
  const bool bad = what.current == core::status::failed || what.current == core::status::backoff;
  const std::string text = std::string(core::to_string(what.previous)) + " -> " +
                           std::string(core::to_string(what.current)) + ": " + what.reason;
  bad ? logs::warning(text, name) : logs::info(text, name);
  for (const change_listener& listener : listeners_) listener(name, what);
}

logs::service_log* supervisor::open_log(const std::string& name, std::string& problem) {
  if (const auto log = log_of(name)) return log.get();
  logs::service_log_options log_options;
  log_options.name = name;
  log_options.file = log_file(name);
  log_options.max_size = fleet_.spec(name).log.max_size;
  log_options.keep = fleet_.spec(name).log.keep;
  log_options.fifo_dir = settings_.fifo_dir;
  auto opened = logs::service_log::open(loop_.get_executor(), log_options);
  if (!opened) {
    problem = "cannot open its log " + log_options.file + ": " + opened.error().message();
    return nullptr;
  }
  holder_.keep(name, (*opened)->descriptors());
  return (logs_[name] = std::move(*opened)).get();
}

void supervisor::forget_removed() {
  if (std::exchange(forgotten_, fleet_.forgotten()) == fleet_.forgotten()) return;
  std::erase_if(logs_, [this](const auto& entry) {
    if (fleet_.knows(entry.first)) return false;
    holder_.let_go(entry.first);
    entry.second->close();
    return true;
  });
  std::erase_if(warnings_, [this](const auto& entry) { return !fleet_.knows(entry.first); });
  probes_.forget_except(fleet_);
}

/// What a shutdown does is not remembered: a daemon that takes over from one that died in it starts what was
/// wanted before.
void supervisor::remember(const std::string& name) {
  if (fleet_.shutting_down()) return;
  if (!fleet_.knows(name)) return journal_.forget(name);
  const auto place = running_.find(name);
  const std::uint64_t started = place == running_.end() ? 0 : place->second.started;
  journal_.write(state::record_of(fleet_.spec(name), fleet_.state(name), started, log_file(name)));
}

std::string supervisor::marker_of(const core::service_spec& spec, core::run_id run) const {
  return mark_prefix(settings_.instance) +
         to_text(run_mark{spec.name, run.value, core::process_fingerprint(spec)});
}

void supervisor::arm() {
  const core::time_point due = fleet_.next_deadline().value_or(core::time_point::max());
  if (due == armed_for_) return;
  armed_for_ = due;
  if (due == core::time_point::max()) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(due);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // armed anew: the later wait goes on
    armed_for_ = core::time_point::max();
    carry_out(fleet_.advance(now()));
  });
}

void supervisor::finish_shutdown() {
  if (!when_down_ || busy_ || !fleet_.all_down()) return;
  // As a container's first process we are handed those of others, too.
  if (::getpid() != 1 && strangers_rounds_++ < most_rounds && processes_.end_strangers(SIGKILL) > 0) {
    timer_.expires_after(round_pause);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) finish_shutdown();
    });
    return;
  }
  journal_.remove();
  for (const auto& [name, log] : logs_) log->close();  // nothing more is written: those who follow may go
  holder_.end(std::exchange(when_down_, {}));
}

}  // namespace workspaced::supervisor
