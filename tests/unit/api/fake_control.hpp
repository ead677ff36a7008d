// A daemon that records what it is asked and answers as it is told.
#pragma once

#include "api/control.hpp"
#include "unit/api/fleets.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace workspaced::test {

class fake_stream : public http::stream {
 public:
  explicit fake_stream(std::deque<std::string> pieces) : pieces_(std::move(pieces)) {}

  boost::asio::awaitable<std::optional<std::string>> next() override {
    if (pieces_.empty()) co_return std::nullopt;
    std::string piece = std::move(pieces_.front());
    pieces_.pop_front();
    co_return piece;
  }

 private:
  std::deque<std::string> pieces_;
};

class fake_registry : public api::registry {
 public:
  std::vector<api::registration_view> entries;
  std::vector<std::string> asked;  ///< "sync fleet force"

  [[nodiscard]] std::vector<api::registration_view> list() const override { return entries; }
  boost::asio::awaitable<void> sync(std::vector<std::string> servers, bool force) override {
    return record("sync", std::move(servers), force);
  }
  boost::asio::awaitable<void> remove(std::vector<std::string> servers, bool force) override {
    return record("remove", std::move(servers), force);
  }
  [[nodiscard]] http::header_list headers() const override { return {{"Authorization", "Bearer t0ken"}}; }

 private:
  boost::asio::awaitable<void> record(std::string text, std::vector<std::string> servers, bool force) {
    for (const std::string& each : servers) text += " " + each;
    asked.push_back(text + (force ? " force" : ""));
    co_return;
  }
};

class fake_control : public api::control {
 public:
  fake_registry mcp;
  core::fleet_view fleet;
  std::vector<std::string> asked;  ///< "start web db", "log web 10 follow"
  api::outcome answer;
  api::reload_outcome reload_answer;
  std::unique_ptr<api::event_source> source;

  [[nodiscard]] core::fleet_view view() const override { return fleet; }

  api::outcome start(const std::vector<std::string>& names) override { return record("start", names); }
  api::outcome stop(const std::vector<std::string>& names) override { return record("stop", names); }
  api::outcome restart(const std::vector<std::string>& names) override { return record("restart", names); }

  api::reload_outcome reload(bool dry_run) override {
    asked.emplace_back(dry_run ? "reload dry" : "reload");
    return reload_answer;
  }

  api::reload_outcome add(const std::string& name, const std::string& definition) override {
    asked.push_back("add " + name + " " + definition);
    return reload_answer;
  }
  api::reload_outcome remove(const std::string& name) override {
    asked.push_back("remove " + name);
    return reload_answer;
  }

  [[nodiscard]] api::registry& registrations() override { return mcp; }

  [[nodiscard]] std::optional<boost::system::result<core::environment_map, api::refusal>> environment(
      const std::string& name) const override {
    if (fleet.find(name) == nullptr) return std::nullopt;
    return core::environment_map{{"PATH", "/bin"}};
  }
  void shutdown() override { asked.emplace_back("shutdown"); }
  boost::asio::awaitable<boost::system::result<api::upgrade_begun, api::refusal>> upgrade() override {
    asked.emplace_back("upgrade");
    if (!answer) co_return answer.error();
    co_return api::upgrade_begun{"/bin/workspaced", "2.0"};
  }

  std::unique_ptr<api::event_source> subscribe() override { return std::move(source); }

  std::unique_ptr<http::stream> open_log(const std::string& name, std::size_t tail_lines,
                                         bool follow) override {
    asked.push_back("log " + name + " " + std::to_string(tail_lines) + (follow ? " follow" : ""));
    if (fleet.find(name) == nullptr) return nullptr;
    return std::make_unique<fake_stream>(std::deque<std::string>{"one\n", "two\n"});
  }

 private:
  api::outcome record(std::string text, const std::vector<std::string>& names) {
    for (const std::string& each : names) text += " " + each;
    asked.push_back(std::move(text));
    return answer;
  }
};

}  // namespace workspaced::test
