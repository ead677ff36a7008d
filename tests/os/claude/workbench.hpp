// A directory with a configuration in it, a loop, and the other program that
// the tests play.
#pragma once

#include "claude/registration.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace workspaced::claude::testing {

using namespace std::chrono_literals;
namespace asio = boost::asio;

inline std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(text).str();
}

inline void put(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline struct stat facts(const std::string& path) {
  struct stat found {};
  ::lstat(path.c_str(), &found);
  return found;
}

inline mode_t mode(const std::string& path) { return facts(path).st_mode & 07777U; }

/// As if its holder had shown its last sign of life `ago`.
inline void touch(const std::string& path, std::chrono::seconds ago = 0s) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  now.tv_sec -= ago.count();
  const timespec both[2] = {now, now};
  ::utimensat(AT_FDCWD, path.c_str(), both, 0);
}

class workbench : public ::testing::Test {
 protected:
  workbench() {
    std::string name = (std::filesystem::temp_directory_path() / "os_claude.XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot create " + name);
    directory = name;
    file = directory + "/.claude.json";
    lock = file + ".lock";
  }
  ~workbench() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }

  registration make(registration_timing timing = quick()) {
    return registration(loop.get_executor(), {file, directory + "/.config.json"}, timing);
  }

  /// The real pace, but for what would make a test wait for seconds.
  static registration_timing quick() {
    registration_timing timing;
    timing.lock.wait = 5s;
    timing.settle = 10ms;
    timing.half_written = 40ms;
    return timing;
  }

  /// Starts `changes`; the outcome arrives while the loop runs.
  std::shared_ptr<outcome> start(registration& target, std::vector<change> changes) {
    auto result = std::make_shared<outcome>(outcome{outcome::kind::failed, "still running"});
    asio::co_spawn(loop, target.apply(std::move(changes)),
                   [result](const std::exception_ptr& thrown, outcome end) {
                     *result = thrown ? outcome{outcome::kind::failed, "thrown"} : std::move(end);
                   });
    return result;
  }

  /// Runs the loop until everything started has ended; fails the test if that
  /// takes 20 s.
  void finish() {
    loop.restart();
    loop.run_for(20s);
    EXPECT_TRUE(loop.stopped()) << "still at work after 20 s";
  }

  outcome apply(std::vector<change> changes, registration_timing timing = quick()) {
    registration target = make(timing);
    const auto result = start(target, std::move(changes));
    finish();
    return *result;
  }

  /// Names in the directory, sorted.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
      all.push_back(entry.path().filename());
    std::sort(all.begin(), all.end());
    return all;
  }

  std::string directory;
  std::string file;
  std::string lock;
  asio::io_context loop{1};
};

/// An entry of Claude Code's user scope that we have never written before.
inline set_entry entry_of(const std::string& name, const credentials& who = {}) {
  return {{"mcpServers", name}, make_entry(claude_form, "http://127.0.0.1:8000/mcp", who, false), {}, false};
}

inline const set_entry fleet = entry_of("fleet", bearer{"s3cret"});
inline const set_entry open_fleet = entry_of("fleet");
inline const remove_entry no_fleet = {{"mcpServers", "fleet"}, {}, true};

inline std::ostream& operator<<(std::ostream& out, const outcome& end) {
  static const char* const words[] = {"unchanged", "written", "failed"};
  return out << words[static_cast<int>(end.what)] << " " << end.detail;
}

}  // namespace workspaced::claude::testing

#define EXPECT_OUTCOME(end, expected) EXPECT_EQ((end).what, outcome::kind::expected) << (end).detail
