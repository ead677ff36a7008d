// The server behind a door: whether it is there, what is known of it, and conversations with it.
//
// Each of its runs is got to know anew: a handshake, its lists. What that teaches is kept in a file, so that
// a client can be answered before the server is there, also in our next life.
#pragma once

#include "door/bell.hpp"
#include "door/knowledge.hpp"
#include "door/upstream.hpp"
#include "mcp/client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace workspaced::door {

/// A conversation with the server in the terms of its era, opened for one of its runs.
struct link {
  std::string hello;      ///< params of `initialize`: as whom
  std::uint64_t run = 0;  ///< of the server, in which it was opened; 0: it is not open
  mcp::era era = mcp::era::legacy;
  std::string session;  ///< that the server gave; empty: none
  std::string version;
  bool opening = false;
};

/// Somebody who waits for the server with no coroutine of its own: ten thousand calls may wait.
class waiter {
 public:
  waiter() = default;
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;
  virtual ~waiter() = default;

  /// The server is here; or it will not come, or the time is up.
  virtual void go_on(bool here) = 0;
};

class server : public std::enable_shared_from_this<server> {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  struct settings {
    std::string name;
    std::string file;  ///< of what is known; absolute
    std::function<void(const std::string& text)> report;
  };

  server(boost::asio::any_io_executor executor, settings all, std::unique_ptr<upstream> way);

  /// Told when a list of the server is another one than before.
  std::function<void(const list_kind& kind)> when_changed;

  /// A run has begun; it is not ready yet, but may be asked whether it is.
  void meet(std::uint64_t run) { run_ = run; }
  /// The server's run is ready: calls may go to it.
  void arrive(std::uint64_t run);
  /// It is not, or not any more. Conversations end; what listens lets go of it.
  void leave();
  /// For good.
  void close();

  [[nodiscard]] bool is_here() const { return here_; }
  [[nodiscard]] std::uint64_t run() const { return run_; }
  [[nodiscard]] const knowledge& facts() const { return facts_; }
  /// Why the last attempt to get to know it failed; empty after a success.
  [[nodiscard]] const std::string& problem() const { return problem_; }

  using queue = std::multimap<time_point, std::shared_ptr<waiter>>;
  /// `who` is kept and told once, never from within this, unless it withdraws before.
  void wait(std::shared_ptr<waiter> who, time_point deadline);
  /// `deadline`: as it was to `wait`. No effect on whom was told already.
  void withdraw(const waiter& who, time_point deadline);
  /// Tells so many more of those who wait that the server is here. On its arrival a few dozen are told;
  /// each of them lets the next one in.
  void admit(std::size_t more);

  /// False: the time is up, or the caller was cancelled.
  [[nodiscard]] boost::asio::awaitable<bool> here_by(time_point deadline);
  /// Until this run is known, or the time is up: then what was known before has to do.
  [[nodiscard]] boost::asio::awaitable<void> known_by(time_point deadline);

  /// Opens the link for the present run unless that is done. Gives why not, or nothing.
  [[nodiscard]] boost::asio::awaitable<std::optional<not_begun>> open(std::shared_ptr<link> through);
  /// The link of those who have none of their own.
  [[nodiscard]] const std::shared_ptr<link>& shared_link() const { return shared_; }
  [[nodiscard]] upstream& way() { return *way_; }

  /// One question over the shared link, and its answer.
  [[nodiscard]] boost::asio::awaitable<boost::system::result<mcp::message, mcp::no_answer>> ask(
      std::string method, std::string params, core::duration timeout);

  /// A notification of the server that somebody has seen.
  void heard(const mcp::message& what);
  /// A whole list that somebody was given.
  void saw(std::string_view method, std::string items);

  /// Gets to know the present run if nobody has; empty on success, else why not.
  [[nodiscard]] boost::asio::awaitable<std::string> get_to_know();

 private:
  [[nodiscard]] boost::asio::awaitable<void> keep_acquainted(std::uint64_t run);
  [[nodiscard]] boost::asio::awaitable<std::string> introduce();
  [[nodiscard]] boost::asio::awaitable<std::string> learn_list(const list_kind& kind);
  [[nodiscard]] boost::asio::awaitable<void> watch(std::uint64_t run);
  [[nodiscard]] boost::asio::awaitable<begun> open_watch();
  [[nodiscard]] boost::asio::awaitable<boost::system::result<mcp::message, mcp::no_answer>> talk(
      link through, mcp::message what, core::duration timeout, std::string* session);
  [[nodiscard]] boost::asio::awaitable<std::optional<not_begun>> initialize(std::shared_ptr<link> through);
  void tell_waiting(queue who, bool here);
  void arm();
  void refresh(const list_kind& kind);
  void save() const;

  boost::asio::any_io_executor executor_;
  settings settings_;
  std::unique_ptr<upstream> way_;
  knowledge facts_;
  std::shared_ptr<link> shared_;
  bool here_ = false;
  bool closed_ = false;
  std::uint64_t run_ =
      0;  // counted by us: a service may be ready, degraded and ready again in one run of its own
  std::uint64_t known_run_ = 0;  // the last one that was got to know
  bool introducing_ = false;
  std::string problem_;
  std::uint64_t questions_ = 0;
  bell changed_;
  queue waiting_;
  boost::asio::steady_timer first_deadline_;
  std::shared_ptr<boost::asio::cancellation_signal> acquaintance_;  // ends with the run
};

}  // namespace workspaced::door
