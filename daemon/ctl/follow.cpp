// What the verbs share: asking, choosing services, watching the events, telling how it ended.
#include "core/nearest.hpp"
#include "ctl/commands.hpp"
#include "ctl/documents.hpp"
#include "ctl/json_text.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <set>

namespace workspaced::ctl {
namespace {

constexpr std::size_t explained_at_most = 5;  // of two hundred that crash, the first few tell the story
constexpr unsigned tail_lines = 10;

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// The culprits and, for those that wait for others, who holds them up.
std::vector<std::string> to_explain(const followed& how) {
  std::vector<std::string> out;
  const auto add = [&out](const std::string& name) {
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  };
  for (const auto& name : how.end.culprits) {
    add(name);
    for (const auto& root : root_causes(how.fleet, name)) add(root);
  }
  return out;
}

std::string headline(const followed& how) {
  const auto& names = how.end.culprits;
  std::string out = names.size() == 1 ? names.front() : std::to_string(names.size()) + " services";
  return out + (how.end.what == outcome::failed ? " failed" : ": time ran out");
}

}  // namespace

clock::time_point context::deadline() const {
  const auto timeout = args.timeout.value_or(std::chrono::hours(24));
  return clock::now() + std::chrono::duration_cast<clock::duration>(timeout);
}

result<reply> ask(transport& daemon, const std::string& method, const std::string& target,
                  const std::string& body) {
  auto answer = daemon.request(method, target, body);
  if (answer && !answer->ok()) return problem(*answer);
  return answer;
}

result<core::fleet_view> ask_fleet(transport& daemon) {
  const auto answer = ask(daemon, "GET", "/v1/services");
  if (!answer) return answer.error();
  auto fleet = read_fleet(answer->body);
  if (!fleet) return failure{exit_code::failed, "cannot read the daemon's answer: it is no list of services"};
  return std::move(*fleet);
}

result<std::vector<std::string>> select(const core::fleet_view& fleet,
                                        const std::vector<std::string>& patterns, bool all) {
  std::vector<std::string> known;
  for (const auto& service : fleet.services) known.push_back(service.name);
  if (all) return known;
  std::set<std::string> chosen;
  for (const auto& pattern : patterns) {
    bool matched = false;
    for (const auto& name : known) {
      if (name != pattern && ::fnmatch(pattern.c_str(), name.c_str(), 0) != 0) continue;
      chosen.insert(name);
      matched = true;
    }
    if (matched) continue;
    std::string text = "no service is called '" + pattern + "'";
    if (const auto near = core::nearest(pattern, known)) {
      text += "; did you mean '" + *near + "'?";
    } else {
      text += "; see: workspacectl status";
    }
    return failure{exit_code::usage, text};
  }
  return std::vector<std::string>(chosen.begin(), chosen.end());
}

namespace {

// What is going on while the events are watched.
struct watch {
  const follow_plan& plan;
  progress shown;
  sse_parser parser = {};
  mirror daemon = {};
  verdict end = {};

  flow take(std::string_view data) {
    for (const auto& event : parser.feed(data)) {
      if (daemon.apply(event) == mirror::change::none || !daemon.has_snapshot()) continue;
      shown.show(daemon.fleet(), plan.shown, clock::now());
      end = plan.judge(daemon.fleet(), false);
      if (end.what != outcome::wait) return flow::stop;
    }
    return flow::go_on;
  }
};

}  // namespace

result<followed> follow(const context& in, const follow_plan& plan) {
  using mode = progress::mode;
  const bool live = in.out.screen().is_terminal;
  watch now{plan, progress(in.out, in.args.json ? mode::silent : live ? mode::live : mode::lines)};
  stream_plan stream;
  stream.targets = {"/v1/events"};
  stream.deadline = plan.deadline;
  if (live && !in.args.json) stream.tick = std::chrono::seconds(1);
  stream.on_tick = [&now] {
    now.shown.tick(clock::now());
    return flow::go_on;
  };
  stream.on_data = [&now](std::size_t, std::string_view data) { return now.take(data); };
  const auto ended = in.daemon.stream(std::move(stream));
  if (!ended) return ended.error();
  if (*ended == stream_end::closed && now.end.what == outcome::wait) {
    return failure{exit_code::no_daemon, "the daemon has gone meanwhile"};
  }
  if (!now.daemon.has_snapshot()) {
    return failure{exit_code::timed_out, "time ran out: the daemon does not answer"};
  }
  if (*ended != stream_end::timed_out) return followed{std::move(now.end), now.daemon.fleet()};
  // Events tell of states, not of each probe's answer: the last one is to be had by asking.
  auto latest = ask_fleet(in.daemon);
  followed out{{}, latest ? *latest : now.daemon.fleet()};
  out.end = plan.judge(out.fleet, true);
  return out;
}

log_tails last_lines(transport& daemon, const std::vector<std::string>& names, unsigned lines) {
  log_tails out;
  for (const auto& name : names) {
    const auto answer = ask(daemon, "GET", "/v1/services/" + name + "/logs?tail=" + std::to_string(lines));
    out[name] = answer ? split_lines(answer->body) : std::vector<std::string>{};
  }
  return out;
}

exit_code conclude(const context& in, const followed& how, std::string_view success) {
  const auto code = to_exit_code(how.end.what);
  if (how.end.what == outcome::done) {
    in.out.print(in.args.json ? outcome_json(code, how.fleet, {}, {}) : std::string(success) + '\n');
    return code;
  }
  auto explained = to_explain(how);
  const auto hidden = explained.size() > explained_at_most ? explained.size() - explained_at_most : 0;
  explained.resize(explained.size() - hidden);
  std::vector<std::string> with_log;
  for (const auto& name : explained) {
    const auto* service = how.fleet.find(name);
    if (service && is_crash_looping(*service)) with_log.push_back(name);
  }
  const auto logs = last_lines(in.daemon, with_log, tail_lines);
  if (in.args.json) {
    in.out.print(outcome_json(code, how.fleet, explained, logs));
    return code;
  }
  auto text = complaint(headline(how), how.fleet, explained, logs);
  if (hidden > 0) text += "and " + std::to_string(hidden) + " more; see: workspacectl status\n";
  in.out.complain(text);
  return code;
}

}  // namespace workspaced::ctl
