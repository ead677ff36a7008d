// Keeps our entries where the configuration wants them: writes them, looks whether they stay, writes again
// what another program's write lost, leaves alone what the user changed, removes what is wanted no more.
#pragma once

#include "claude/agenda.hpp"
#include "claude/registration.hpp"
#include "claude/wish.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace workspaced::claude {

struct keeper_timing {
  registration_timing writing;
  std::chrono::milliseconds quiet{100};    ///< from a change of a file to our look at it
  std::chrono::milliseconds poll{60'000};  ///< when nothing is noticed
  /// The longest pause before we look again, where another program undoes what we write every time.
  std::chrono::milliseconds patience{60'000};
};

/// Something for the daemon's log, without secrets.
struct notice {
  bool is_problem = false;
  std::string server;  ///< empty: about a file
  std::string text;
};

struct keeper_options {
  surroundings around;
  std::string ledger_file;
  keeper_timing timing;
  std::function<void(const notice&)> report;
};

class keeper {
 public:
  keeper(const boost::asio::any_io_executor& executor, keeper_options options);
  keeper(const keeper&) = delete;
  keeper& operator=(const keeper&) = delete;
  /// What is under way ends by itself; nothing is noticed any more.
  ~keeper();

  /// From now on; the files follow in the background.
  void want(std::vector<wish> wishes);

  /// Writes what is not in place; of `servers` (empty: all) also what `remove` took away, and with `force`
  /// what the user changed.
  boost::asio::awaitable<void> sync(std::vector<std::string> servers, bool force);

  /// Takes the entries of `servers` (empty: all) away, until the next `sync` of them; with `force` also those
  /// that the user changed.
  boost::asio::awaitable<void> remove(std::vector<std::string> servers, bool force);

  /// How all entries stand at this moment.
  [[nodiscard]] std::vector<entry_status> status() const;

 private:
  class work;
  std::shared_ptr<work> work_;
};

}  // namespace workspaced::claude
