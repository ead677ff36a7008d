#include "claude/keeper.hpp"

#include "claude/file_watch.hpp"
#include "claude/turn.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <exception>
#include <map>
#include <utility>

namespace workspaced::claude {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable);

/// What a round is for.
struct order {
  enum class kind { look, sync, remove };

  kind what = kind::look;
  std::vector<std::string> servers;  ///< empty: all
  bool force = false;

  [[nodiscard]] bool concerns(const std::string& server) const {
    return servers.empty() || std::find(servers.begin(), servers.end(), server) != servers.end();
  }
};

/// The changes of one file.
struct job {
  location where;
  std::vector<change> changes;
  std::vector<json::path> set;
  std::vector<json::path> removed;
};

/// How long to wait from a change of a file to our look at it: the usual moment, unless our entries get lost
/// again and again.
class pace {
 public:
  explicit pace(const keeper_timing& timing) : timing_(timing), pause_(timing.quiet) {}

  [[nodiscard]] std::chrono::milliseconds pause() const { return pause_; }

  void after_a_look(bool had_to_write) {
    const auto now = steady_clock::now();
    if (had_to_write) {
      pause_ = std::min(2 * pause_, timing_.patience);
      last_write_ = now;
    } else if (now - last_write_ >= timing_.patience) {
      pause_ = timing_.quiet;
    }
  }

 private:
  keeper_timing timing_;
  std::chrono::milliseconds pause_;
  steady_clock::time_point last_write_;
};

}  // namespace

class keeper::work {
 public:
  work(const asio::any_io_executor& executor, keeper_options options)
      : executor_(executor),
        options_(std::move(options)),
        ledger_(options_.ledger_file),
        line_(executor),
        timer_(executor),
        watch_(executor) {
    if (!ledger_.problem().empty()) say(true, {}, ledger_.problem());
    if (!watch_.works()) say(true, {}, "cannot watch files for changes; they are looked at once a minute");
  }

  void want(std::vector<wish> wishes) { wishes_ = std::move(wishes); }
  [[nodiscard]] bool begin_watching() { return !std::exchange(watching_, true); }
  void stop() {
    stopped_ = true;
    timer_.cancel();
    watch_.close();
  }
  [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

  [[nodiscard]] std::vector<entry_status> status() const {
    auto all = look_up(make_items(wishes_, options_.around, ledger_), ledger_);
    for (entry_status& each : all) {
      const auto failed = failed_.find(each.file);
      const bool absent = each.state == entry_state::missing || each.state == entry_state::outdated;
      if (absent && failed != failed_.end()) each.detail = failed->second;
    }
    return all;
  }

  void say(bool is_problem, const std::string& server, const std::string& text) const {
    if (options_.report) options_.report({is_problem, server, text});
  }

  /// One round; true if a file had to be written.
  static asio::awaitable<bool> round(std::shared_ptr<work> self, order what) {
    const turn::held mine = co_await self->line_.take();
    if (!mine) co_return false;
    self->note(what);
    bool wrote = false;
    for (auto& [file, one] : self->prepare(what)) {
      registration target(self->executor_, one.where, self->options_.timing.writing);
      const outcome end = co_await target.apply(std::move(one.changes));
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return false;  // who asked has left
      wrote |= end.writes > 0;
      self->conclude(one, end);
    }
    self->save();
    self->report_states();
    co_return wrote;
  }

  /// A round as somebody outside waits for it.
  static asio::awaitable<void> finished(std::shared_ptr<work> self, order what) {
    co_await round(std::move(self), std::move(what));
  }

  /// A round whenever a file has changed, and now and then anyway.
  static asio::awaitable<void> watch(std::shared_ptr<work> self) {
    const keeper_timing& timing = self->options_.timing;
    pace speed(timing);
    while (!self->stopped_) {
      co_await self->change_or_pause(timing.poll);
      if (!self->stopped_) co_await self->pause(speed.pause());
      if (self->stopped_) break;
      const bool wrote = co_await round(self, order());
      speed.after_a_look(wrote);
    }
  }

 private:
  asio::awaitable<void> pause(std::chrono::milliseconds how_long) {
    timer_.expires_after(how_long);
    co_await timer_.async_wait(tuple_awaitable);
  }

  asio::awaitable<void> change_or_pause(std::chrono::milliseconds longest) {
    using namespace asio::experimental::awaitable_operators;
    if (watch_.works()) {
      auto either = watch_.changed() || pause(longest);
      co_await std::move(either);
    } else {
      co_await pause(longest);
    }
  }

  void note(const order& what) {
    if (what.what == order::kind::look) return;
    for (const wish& each : wishes_) {
      if (!what.concerns(each.server)) continue;
      if (what.what == order::kind::remove) ledger_.withhold(each.server);
      if (what.what == order::kind::sync) ledger_.release(each.server);
    }
  }

  /// The changes of each file. What they will write is remembered before.
  std::map<std::string, job> prepare(const order& what) {
    const auto items = make_items(wishes_, options_.around, ledger_);
    watch_.look_at(files_of(items));
    std::map<std::string, job> jobs;
    for (const written_entry& each : orphans(items, ledger_)) {
      job& file = jobs[each.where.file];
      file.where = each.where;
      file.changes.emplace_back(remove_entry{each.at, each.texts, what.force && what.concerns(each.server)});
      file.removed.push_back(each.at);
    }
    for (const item& one : items) {
      if (!one.wanted || !one.to) continue;
      job& file = jobs[one.to->where.file];
      file.where = one.to->where;
      auto earlier = ledger_.texts(one.to->where.file, one.to->at);
      const bool force = what.force && what.concerns(one.what.server);
      file.changes.emplace_back(set_entry{one.to->at, one.to->text, std::move(earlier), force});
      const std::string whose(name_of(one.what.program));
      ledger_.remember({one.what.server, whose, one.to->where, one.to->at, {}, true}, one.to->text);
      file.set.push_back(one.to->at);
    }
    save();
    return jobs;
  }

  void conclude(const job& done, const outcome& end) {
    const std::string& file = done.where.file;
    if (end.what == outcome::kind::failed) {
      failed_[done.where.active_file()] = end.detail;
      return say_once(file, {}, end.detail);
    }
    failed_.erase(done.where.active_file());
    said_.erase(file);
    for (const json::path& each : done.set) ledger_.confirm(file, each);
    for (const json::path& each : done.removed) ledger_.forget(file, each);
    if (end.what != outcome::kind::written) return;
    std::string text = "wrote our MCP servers to " + file;
    if (end.writes > 1) text += ", " + std::to_string(end.writes) + " times: another program undid it";
    say(false, {}, text);
  }

  void save() {
    const auto saved = ledger_.save();
    if (!saved) return say_once(options_.ledger_file, {}, saved.error().message);
    said_.erase(options_.ledger_file);
  }

  void report_states() {
    for (const entry_status& each : status()) {
      const std::string key = each.server + " " + each.program;
      const bool odd = each.state == entry_state::changed_by_hand || each.file.empty();
      if (!odd || each.state == entry_state::not_wanted) {
        said_.erase(key);
        continue;
      }
      const std::string what = each.file.empty() ? "" : "its entry in " + each.file + ": ";
      say_once(key, each.server, what + each.detail);
    }
  }

  /// A problem that lasts is said once.
  void say_once(const std::string& key, const std::string& server, const std::string& text) {
    std::string& last = said_[key];
    if (std::exchange(last, text) != text) say(true, server, text);
  }

  asio::any_io_executor executor_;
  keeper_options options_;
  ledger ledger_;
  std::vector<wish> wishes_;
  turn line_;
  asio::steady_timer timer_;
  file_watch watch_;
  bool watching_ = false;
  bool stopped_ = false;
  std::map<std::string, std::string> said_;
  std::map<std::string, std::string> failed_;  ///< files that could not be written, and why
};

keeper::keeper(const asio::any_io_executor& executor, keeper_options options)
    : work_(std::make_shared<work>(executor, std::move(options))) {}

keeper::~keeper() { work_->stop(); }

void keeper::want(std::vector<wish> wishes) {
  work_->want(std::move(wishes));
  const auto report = [self = work_](const std::exception_ptr& error) {
    if (error) self->say(true, {}, "keeping the files of MCP servers failed unexpectedly");
  };
  asio::co_spawn(work_->executor(), work::finished(work_, order()), report);
  if (work_->begin_watching()) asio::co_spawn(work_->executor(), work::watch(work_), report);
}

asio::awaitable<void> keeper::sync(std::vector<std::string> servers, bool force) {
  return work::finished(work_, {order::kind::sync, std::move(servers), force});
}

asio::awaitable<void> keeper::remove(std::vector<std::string> servers, bool force) {
  return work::finished(work_, {order::kind::remove, std::move(servers), force});
}

std::vector<entry_status> keeper::status() const {
  auto all = work_->status();
  note_hidden(all);
  return all;
}

}  // namespace workspaced::claude
