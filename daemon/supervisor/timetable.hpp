// When tasks with a schedule are due, by the clock on the wall.
#pragma once

#include "core/model.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <ctime>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace workspaced::supervisor {

/// A time counts as missed when it is noticed more than a minute late: the machine slept, the clock was set,
/// or no daemon ran. For the last, the time of the last start is kept as the age of an empty file for each
/// task.
class timetable {
 public:
  /// `due` is called from the loop.
  timetable(boost::asio::io_context& loop, std::string directory,
            std::function<void(const std::string& service)> due);

  void configure(const core::service_map& services);
  /// Nothing is due any more.
  void close();

  [[nodiscard]] std::optional<core::duration> until_next(const std::string& service) const;

 private:
  struct entry {
    core::schedule_spec schedule;
    std::optional<std::time_t> next;
  };

  [[nodiscard]] std::time_t last_start(const std::string& service, std::time_t now) const;
  void note_start(const std::string& service) const;
  void look();
  void arm();

  boost::asio::steady_timer timer_;
  std::string directory_;
  std::function<void(const std::string&)> due_;
  std::map<std::string, entry> entries_;
};

}  // namespace workspaced::supervisor
