// A table of processes on a loop of its own, and what the tests see of the processes.
#pragma once

#include "os/cgroup.hpp"
#include "os/process_facts.hpp"
#include "os/process_table.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace workspaced::os::testing {

using namespace std::chrono_literals;

/// Long enough for a loaded machine with sanitizers; only a failing test waits for it.
constexpr auto patience = 30s;

class lab : public ::testing::Test {
 protected:
  lab() {
    std::string name = (std::filesystem::temp_directory_path() / "os_process.XXXXXX").string();
    scratch_ = ::mkdtemp(name.data());
  }
  ~lab() override {
    for (const pid_t stray : strays_) ::kill(stray, SIGKILL);
    for (const auto& [pid, known] : fates_) table_.signal_group(pid, SIGKILL);
    run_until(
        [this] { return table_.size() == 0 && std::none_of(strays_.begin(), strays_.end(), place_of); });
    std::error_code ignored;
    std::filesystem::remove_all(scratch_, ignored);
  }

  /// Groups outlive the process table's word that a run is over by a turn of the loop. Before their parent
  /// goes.
  void wait_until_empty(const cgroup_parent& parent) {
    EXPECT_TRUE(run_until([&parent] { return parent.names().empty(); }));
  }

  /// What became of a started process.
  struct fate {
    std::optional<core::exit_status> status;
    bool group_left = false;
    int ends = 0;
    int group_ends = 0;
  };

  [[nodiscard]] std::string path(const std::string& name) const { return scratch_ + "/" + name; }
  [[nodiscard]] std::string output() const {
    std::ostringstream text;
    text << std::ifstream(path("out")).rdbuf();
    return text.str();
  }
  /// The value of a line "key value" of the output; empty while there is none.
  [[nodiscard]] std::string said(const std::string& key) const {
    std::istringstream lines(output());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(key + " ")) return line.substr(key.size() + 1);
    }
    return {};
  }
  [[nodiscard]] std::vector<std::string> all_said(const std::string& key) const {
    std::istringstream lines(output());
    std::vector<std::string> values;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(key + " ")) values.push_back(line.substr(key.size() + 1));
    }
    return values;
  }

  /// A request for os_child, both outputs to the file `out`.
  [[nodiscard]] spawn_request child(std::vector<std::string> arguments) {
    if (!out_) out_.reset(::open(path("out").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    spawn_request request;
    request.argv = {OS_CHILD};
    request.argv.insert(request.argv.end(), arguments.begin(), arguments.end());
    request.stdout_fd = request.stderr_fd = out_.get();
    return request;
  }

  [[nodiscard]] exit_handlers recording(std::shared_ptr<fate> into) {
    exit_handlers handlers;
    handlers.exited = [into](core::exit_status status, bool group_alive) {
      into->status = status;
      into->group_left = group_alive;
      ++into->ends;
    };
    handlers.group_gone = [into] { ++into->group_ends; };
    return handlers;
  }

  /// Starts; 0 and a failed test when that fails.
  pid_t start(const spawn_request& request, std::unique_ptr<cgroup> home = nullptr) {
    auto mine = std::make_shared<fate>();
    const auto pid = table_.start(request, recording(mine), std::move(home));
    if (!pid) ADD_FAILURE() << describe(pid.error());
    fates_[pid ? *pid : 0] = mine;
    return pid ? *pid : 0;
  }
  /// Takes over a run; the number by which to signal it.
  pid_t take(found_run run) {
    auto mine = std::make_shared<fate>();
    const pid_t number = table_.adopt(std::move(run), recording(mine));
    fates_[number] = mine;
    return number;
  }
  [[nodiscard]] const fate& of(pid_t pid) { return *fates_[pid]; }

  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    // Not all that the tests wait for wakes the loop (what a child has written), hence the short steps.
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      loop_.restart();
      loop_.run_one_for(5ms);
    }
    return true;
  }
  bool ended(pid_t pid) {
    return run_until([&] { return of(pid).status.has_value(); });
  }
  /// Starts os_child and waits for its end.
  core::exit_status run(std::vector<std::string> arguments) {
    const pid_t pid = start(child(std::move(arguments)));
    EXPECT_TRUE(pid != 0 && ended(pid));
    return of(pid).status.value_or(core::exited{-1});
  }
  pid_t waited_for(const std::string& key) {
    EXPECT_TRUE(run_until([&] { return !said(key).empty(); }))
        << "nobody said " << key << "; output: " << output();
    return std::atoi(said(key).c_str());
  }
  /// Ends this process with the test.
  void adopt(pid_t stray) {
    if (stray > 0) strays_.push_back(stray);
  }

  boost::asio::io_context loop_{1};
  process_table table_{loop_};

 private:
  std::string scratch_;
  unique_fd out_;
  std::map<pid_t, std::shared_ptr<fate>> fates_;
  std::vector<pid_t> strays_;
};

inline std::size_t open_descriptors() { return usage_of(::getpid())->open_fds; }

/// True when a dead child of ours waits to be waited for.
inline bool has_zombie() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

inline bool alive(pid_t pid) {
  const auto place = place_of(pid);
  return place && place->state != 'Z';
}

}  // namespace workspaced::os::testing
