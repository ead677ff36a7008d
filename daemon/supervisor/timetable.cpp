#include "supervisor/timetable.hpp"

#include "logs/daemon_log.hpp"
#include "os/civil_time.hpp"
#include "os/files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace workspaced::supervisor {
namespace {

using namespace std::chrono_literals;

constexpr std::time_t late = 60;
/// Somebody may set the clock while we wait.
constexpr std::chrono::seconds longest_wait = 5min;

std::time_t now() { return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()); }

}  // namespace

timetable::timetable(boost::asio::io_context& loop, std::string directory,
                     std::function<void(const std::string&)> due)
    : timer_(loop), directory_(std::move(directory)), due_(std::move(due)) {}

void timetable::configure(const core::service_map& services) {
  std::map<std::string, entry> fresh;
  for (const auto& [name, spec] : services) {
    if (!spec.schedule) continue;
    const auto before = entries_.find(name);
    if (before != entries_.end() && before->second.schedule == *spec.schedule) {
      fresh.insert(*before);
      continue;
    }
    entry& mine = fresh[name];
    mine.schedule = *spec.schedule;
    const bool make_up = before == entries_.end() && spec.schedule->missed == core::missed_runs::run_once;
    const std::time_t from = make_up ? last_start(name, now()) : now();
    mine.next = os::next_moment(mine.schedule.when, mine.schedule.time_zone, from);
    if (!mine.next) logs::warning("its schedule " + mine.schedule.when.text + " never comes", name);
  }
  entries_ = std::move(fresh);
  look();
}

void timetable::close() {
  entries_.clear();
  timer_.cancel();
}

std::optional<core::duration> timetable::until_next(const std::string& service) const {
  const auto place = entries_.find(service);
  if (place == entries_.end() || !place->second.next) return std::nullopt;
  return std::chrono::seconds(std::max<std::time_t>(0, *place->second.next - now()));
}

/// Without a trace of an earlier start there is nothing to make up for.
std::time_t timetable::last_start(const std::string& service, std::time_t otherwise) const {
  struct stat found {};
  return ::stat((directory_ + "/" + service).c_str(), &found) == 0 ? found.st_mtime : otherwise;
}

void timetable::note_start(const std::string& service) const {
  auto error = os::make_directories(directory_, 0700);
  if (!error) error = os::write_whole(directory_ + "/" + service, "", 0600);
  if (error) logs::warning("cannot note its start in " + directory_ + ": " + error.message(), service);
}

void timetable::look() {
  std::vector<std::string> due;
  const std::time_t at = now();
  for (auto& [name, each] : entries_) {
    if (!each.next || *each.next > at) continue;
    if (at - *each.next <= late || each.schedule.missed == core::missed_runs::run_once) {
      due.push_back(name);
    } else {
      logs::warning("a time of its schedule was missed and is skipped", name);
    }
    each.next = os::next_moment(each.schedule.when, each.schedule.time_zone, at);
  }
  for (const std::string& name : due) {
    note_start(name);
    due_(name);
  }
  arm();
}

void timetable::arm() {
  std::optional<std::time_t> earliest;
  for (const auto& [name, each] : entries_) {
    if (each.next && (!earliest || *each.next < *earliest)) earliest = each.next;
  }
  if (!earliest) {
    timer_.cancel();
    return;
  }
  const std::chrono::seconds wait(std::max<std::time_t>(0, *earliest - now()));
  timer_.expires_after(std::min(wait, longest_wait));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look();
  });
}

}  // namespace workspaced::supervisor
