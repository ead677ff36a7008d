#include "state/record.hpp"

#include <nlohmann/json.hpp>

#include <exception>
#include <optional>
#include <stdexcept>

// The members of a line are named as those of core::service. Everything is optional but the name: what a
// later version leaves out has its default, what it adds is not looked at.
namespace workspaced::state {
namespace {

using core::time_point;
using nlohmann::json;

std::int64_t ticks(time_point when) { return when.time_since_epoch().count(); }
time_point when(const json& from) { return time_point(core::duration(from.get<std::int64_t>())); }

template <class Number>
void read(const json& from, const char* name, Number& into) {
  if (const auto place = from.find(name); place != from.end()) into = place->template get<Number>();
}
void read(const json& from, const char* name, time_point& into) {
  if (const auto place = from.find(name); place != from.end()) into = when(*place);
}
void read(const json& from, const char* name, core::duration& into) {
  if (const auto place = from.find(name); place != from.end())
    into = core::duration(place->get<std::int64_t>());
}

/// Words are written, so that a later order of the enumeration changes nothing.
template <class Word, class All>
Word word_of(const std::string& text, const All& all) {
  for (const Word each : all) {
    if (core::to_string(each) == text) return each;
  }
  throw std::runtime_error("unknown word " + text);
}

core::restart_cause cause_of(const json& from) {
  return word_of<core::restart_cause>(from.get<std::string>(), core::all_restart_causes);
}

json of(const core::exit_status& status) {
  if (const auto* exited = std::get_if<core::exited>(&status)) return {{"code", exited->code}};
  if (const auto* signaled = std::get_if<core::signaled>(&status))
    return {{"signal", signaled->signal}, {"core", signaled->core_dumped}};
  return json::object();
}

core::exit_status exit_status_of(const json& from) {
  if (from.contains("code")) return core::exited{from.at("code").get<int>()};
  if (from.contains("signal")) return core::signaled{from.at("signal").get<int>(), from.value("core", false)};
  return core::unseen{};
}

json of(const core::run& current) {
  json made = {{"id", current.id.value}, {"since", ticks(current.since)}};
  if (current.pid) made["pid"] = *current.pid;
  return made;
}

core::run run_of(const json& from) {
  core::run made;
  made.id.value = from.at("id").get<std::uint64_t>();
  made.since = when(from.at("since"));
  if (from.contains("pid")) made.pid = from.at("pid").get<int>();
  return made;
}

json of(const core::ending& because) {
  return {
      {"success", because.success}, {"cause", core::to_string(because.cause)}, {"reason", because.reason}};
}

core::ending ending_of(const json& from) {
  return {from.at("success").get<bool>(), cause_of(from.at("cause")), from.at("reason").get<std::string>()};
}

json of(const core::finished_run& last) {
  json made = {{"id", last.id.value},
               {"reason", last.reason},
               {"ended", ticks(last.ended)},
               {"lasted", last.lasted.count()}};
  if (last.status) made["status"] = of(*last.status);
  return made;
}

core::finished_run finished_run_of(const json& from) {
  core::finished_run made;
  made.id.value = from.at("id").get<std::uint64_t>();
  made.reason = from.at("reason").get<std::string>();
  read(from, "ended", made.ended);
  read(from, "lasted", made.lasted);
  if (from.contains("status")) made.status = exit_status_of(from.at("status"));
  return made;
}

void write_state(json& into, const core::service& subject) {
  into["state"] = core::to_string(core::status_of(subject));
  if (const core::run* current = core::current_run(subject)) into["run"] = of(*current);
  if (const auto* starting = std::get_if<core::in::starting>(&subject.state)) {
    if (starting->preparing) into["preparing"] = true;
  } else if (const auto* stopping = std::get_if<core::in::stopping>(&subject.state)) {
    into["kill_at"] = ticks(stopping->kill_at);
    if (stopping->killed) into["killed"] = true;
    if (stopping->over) into["over"] = true;
    if (stopping->because) into["because"] = of(*stopping->because);
  } else if (const auto* backoff = std::get_if<core::in::backoff>(&subject.state)) {
    into["until"] = ticks(backoff->until);
  } else if (const auto* failed = std::get_if<core::in::failed>(&subject.state)) {
    if (failed->retry_at) into["retry_at"] = ticks(*failed->retry_at);
  }
}

core::in::stopping stopping_of(const json& from) {
  core::in::stopping made;
  made.current = run_of(from.at("run"));
  read(from, "kill_at", made.kill_at);
  read(from, "killed", made.killed);
  read(from, "over", made.over);
  if (from.contains("because")) made.because = ending_of(from.at("because"));
  return made;
}

core::service_state state_of(const json& from) {
  using core::status;
  switch (word_of<status>(from.at("state").get<std::string>(), core::all_statuses)) {
    case status::stopped: break;
    case status::waiting: return core::in::waiting{};
    case status::starting:
      return core::in::starting{run_of(from.at("run")), {}, from.value("preparing", false)};
    case status::ready: return core::in::ready{run_of(from.at("run")), {}};
    case status::degraded: return core::in::degraded{run_of(from.at("run")), {}};
    case status::stopping: return stopping_of(from);
    case status::backoff: return core::in::backoff{when(from.at("until"))};
    case status::completed: return core::in::completed{};
    case status::failed: {
      core::in::failed made;
      if (from.contains("retry_at")) made.retry_at = when(from.at("retry_at"));
      return made;
    }
  }
  return core::in::stopped{};
}

core::service service_of(const json& from) {
  core::service made;
  made.state = state_of(from);
  read(from, "wanted", made.wanted);
  read(from, "reason", made.reason);
  read(from, "since", made.since);
  read(from, "failures", made.failures);
  read(from, "runs", made.runs);
  read(from, "restarts", made.restarts);
  read(from, "paused", made.paused);
  read(from, "skipped", made.skipped);
  if (from.contains("cause_of_next")) made.cause_of_next = cause_of(from.at("cause_of_next"));
  if (from.contains("ready_after")) read(from, "ready_after", made.ready_after.emplace());
  if (from.contains("last_run")) made.last_run = finished_run_of(from.at("last_run"));
  return made;
}

}  // namespace

std::string to_text(const record& what) {
  const core::service& subject = what.state;
  json made = {{"service", what.service},
               {"wanted", subject.wanted},
               {"reason", subject.reason},
               {"since", ticks(subject.since)},
               {"failures", subject.failures},
               {"runs", subject.runs},
               {"restarts", subject.restarts},
               {"fingerprint", what.fingerprint},
               {"log_file", what.log_file},
               {"stop_signal", what.stop_signal},
               {"stop_timeout", what.stop_timeout.count()}};
  write_state(made, subject);
  if (what.kind == core::service_kind::task) made["task"] = true;
  if (what.leader_started != 0) made["started"] = what.leader_started;
  if (subject.paused) made["paused"] = true;
  if (subject.skipped != 0) made["skipped"] = subject.skipped;
  if (subject.cause_of_next) made["cause_of_next"] = core::to_string(*subject.cause_of_next);
  if (subject.ready_after) made["ready_after"] = subject.ready_after->count();
  if (subject.last_run) made["last_run"] = of(*subject.last_run);
  // What a probe answered is a part of reasons, and may be any bytes.
  return made.dump(-1, ' ', false, json::error_handler_t::replace);
}

boost::system::result<record, std::string> from_text(std::string_view text) {
  using result = boost::system::result<record, std::string>;  // a record could be made of a string
  try {
    const json from = json::parse(text);
    record made;
    made.service = from.at("service").get<std::string>();
    made.state = service_of(from);
    read(from, "started", made.leader_started);
    read(from, "fingerprint", made.fingerprint);
    read(from, "stop_signal", made.stop_signal);
    read(from, "stop_timeout", made.stop_timeout);
    read(from, "log_file", made.log_file);
    if (from.value("task", false)) made.kind = core::service_kind::task;
    return result(boost::system::in_place_value, std::move(made));
  } catch (const std::exception& error) {
    return result(boost::system::in_place_error, error.what());
  }
}

}  // namespace workspaced::state
