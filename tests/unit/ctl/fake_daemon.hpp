// A scripted daemon and machine for the verbs.
#pragma once

#include "ctl/commands.hpp"
#include "ctl/doctor/facts.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace workspaced::test {

/// Answers each request with the next scripted reply of its "METHOD target"; the last one is repeated. What
/// is not scripted is answered by 404, everything by `no_daemon` while `absent`.
class fake_daemon : public ctl::transport {
 public:
  bool absent = false;
  std::map<std::string, std::deque<ctl::reply>> replies;
  std::map<std::string, std::vector<std::string>> streams;  ///< chunks by target
  ctl::stream_end end = ctl::stream_end::timed_out;         ///< when the listener has not stopped before
  std::vector<std::string> requests;                        ///< "METHOD target body"

  ctl::result<ctl::reply> request(const std::string& method, const std::string& target,
                                  const std::string& body) override {
    requests.push_back(method + ' ' + target + (body.empty() ? "" : ' ' + body));
    if (absent) return ctl::failure(ctl::exit_code::no_daemon, "no daemon");
    auto& queue = replies[method + ' ' + target];
    if (queue.empty()) return ctl::reply{404, R"({"title":"Not found"})"};
    auto out = queue.front();
    if (queue.size() > 1) queue.pop_front();
    return out;
  }

  ctl::result<ctl::stream_end> stream(ctl::stream_plan plan) override {
    for (const auto& target : plan.targets) requests.push_back("STREAM " + target);
    if (absent) return ctl::failure(ctl::exit_code::no_daemon, "no daemon");
    for (std::size_t i = 0; i < plan.targets.size(); ++i) {
      for (const auto& chunk : streams[plan.targets[i]]) {
        if (plan.on_data(i, chunk) == ctl::flow::stop) return ctl::stream_end::stopped;
      }
    }
    return end;
  }
};

class fake_host : public ctl::host {
 public:
  ctl::result<ctl::checked_file> config = ctl::checked_file{"/w.toml", 2, "/log"};
  ctl::result<int> start = 4242;
  bool gone = true;
  fake_daemon* daemon = nullptr;                  ///< appears when started
  std::function<void(ctl::doctor::facts&)> look;  ///< what doctor sees of the machine
  std::vector<std::string> calls;

  ctl::result<ctl::checked_file> check(const std::string& file) override {
    calls.push_back("check " + file);
    return config;
  }
  ctl::result<int> start_daemon(const ctl::checked_file& file, ctl::clock::time_point) override {
    calls.push_back("start " + file.file);
    if (daemon && start) daemon->absent = false;
    return start;
  }
  bool wait_gone(int pid, ctl::clock::time_point) override {
    calls.push_back("wait_gone " + std::to_string(pid));
    return gone;
  }
  void look_around(ctl::doctor::facts& seen, ctl::clock::time_point) override {
    calls.emplace_back("look_around");
    if (look) look(seen);
  }
};

/// One call of workspacectl.
struct session {
  fake_daemon daemon;
  fake_host host;
  std::string out;
  std::string err;

  ctl::exit_code run(std::vector<std::string> words, ctl::terminal seen = {}) {
    out.clear();
    err.clear();
    host.daemon = &daemon;
    const auto parsed = ctl::parse(std::move(words));
    EXPECT_TRUE(parsed.has_value()) << parsed.error().text;
    const auto args = *parsed;
    ctl::console target(
        [this](std::string_view text) {
          out += text;
          return !closed;
        },
        [this](std::string_view text) {
          err += text;
          return true;
        },
        seen);
    return ctl::execute({args, daemon, host, target});
  }

  bool closed = false;  ///< nobody reads our output
};

}  // namespace workspaced::test
