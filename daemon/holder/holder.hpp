// The daemon's side of the holder: what is given to it stays open when the daemon dies.
#pragma once

#include "os/process_table.hpp"
#include "os/unique_fd.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace workspaced::holder {

class holder {
 public:
  /// Finds the holder that an earlier daemon left at `socket`, or starts one with the first that is to be
  /// kept. When it ends, another is started and given everything again. `complain` is told in a sentence when
  /// there can be none.
  holder(boost::asio::io_context& loop, os::process_table& processes, std::string socket,
         std::function<void(const std::string&)> complain);
  ~holder();
  holder(const holder&) = delete;
  holder& operator=(const holder&) = delete;

  /// The descriptors stay ours and must be open until `let_go`.
  void keep(const std::string& name, std::vector<int> descriptors);
  void let_go(const std::string& name);

  /// What earlier daemons gave it and this one did not is let go.
  void settle();
  /// Its number, while it is our child.
  [[nodiscard]] std::optional<pid_t> child() const { return child_; }

  /// The holder leaves: nothing is to outlive us. `done` is called when it has, or when that takes too long.
  void end(std::function<void()> done);

 private:
  void begin();
  [[nodiscard]] os::unique_fd start();
  void use(os::unique_fd connection);
  void watch();
  void lost();
  [[nodiscard]] os::exit_handlers until_it_ends();
  void say(std::string_view word, std::string_view name, const std::vector<int>& descriptors);

  boost::asio::io_context& loop_;
  os::process_table& processes_;
  std::string socket_;
  std::function<void(const std::string&)> complain_;
  std::optional<boost::asio::posix::stream_descriptor> connection_;
  boost::asio::steady_timer pause_;
  std::map<std::string, std::vector<int>> kept_;
  bool started_ = false;
  std::optional<pid_t> child_;  ///< the holder, when it is a child of ours
  std::function<void()> when_ended_;
  bool ending_ = false;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);  ///< handlers outlive this object
};

}  // namespace workspaced::holder
