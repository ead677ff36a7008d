// One request of a client on its way to the server and back.
//
// It waits until the server is there, within bounds. Once it may have reached the server it is sent again
// only if that does no harm: whoever cannot know whether something was done says so.
#pragma once

#include "door/conduit.hpp"
#include "door/server.hpp"
#include "door/sessions.hpp"
#include "door/tally.hpp"
#include "http/message.hpp"
#include "mcp/rules.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace workspaced::door {

/// What all calls of a door share.
struct call_context {
  boost::asio::any_io_executor executor;
  std::string name;     ///< of the door
  std::string service;  ///< behind it
  std::shared_ptr<server> behind;
  std::shared_ptr<tally> counts;
  core::duration hold_timeout{};
  core::duration call_timeout{};
  std::size_t most_held = 0;        ///< calls
  std::size_t most_held_bytes = 0;  ///< of their messages
  std::size_t held_bytes = 0;
  std::function<void(const std::string& text)> report;
};

class call : public waiter, public std::enable_shared_from_this<call> {
 public:
  /// `who`: of a legacy client; null for a modern one. `headers` are passed on.
  call(std::shared_ptr<call_context> around, mcp::incoming what, std::shared_ptr<session> who,
       http::header_list headers);
  ~call() override;

  /// Begins. The response is the conduit's; it keeps the call alive, and ends it when the client leaves.
  [[nodiscard]] std::shared_ptr<conduit> start();

  /// The client of a session does not want it any more (notifications/cancelled, `notice`).
  void withdraw(const mcp::message& notice);

  void go_on(bool here) override;

 private:
  enum class step { done, again, lost, broken };

  [[nodiscard]] boost::asio::awaitable<void> run();
  [[nodiscard]] boost::asio::awaitable<bool> attempt();
  void proceed();
  void spawn();
  void end();
  void let_the_next_in();
  void leave();
  [[nodiscard]] boost::asio::awaitable<bool> pause(std::string why);
  [[nodiscard]] boost::asio::awaitable<void> prepare_session();
  [[nodiscard]] outbound message_for_server(const link& through);
  [[nodiscard]] boost::asio::awaitable<step> pass_on(incoming_answer& answer);
  [[nodiscard]] boost::asio::awaitable<step> pass_on_events(incoming_answer& answer);
  [[nodiscard]] boost::asio::awaitable<step> pass_on_body(incoming_answer& answer);
  [[nodiscard]] boost::asio::awaitable<step> pass_on_long_body(incoming_answer& answer, std::string first);
  [[nodiscard]] boost::asio::awaitable<step> pass_on_text(incoming_answer& answer, std::string body);
  [[nodiscard]] boost::asio::awaitable<bool> pass_on_event(mcp::message seen);
  [[nodiscard]] bool after_loss();
  void look_at(const mcp::message& from_server);
  void fail(core::door_outcome how, const std::string& why, std::string_view reason);
  void bad_answer(const std::string& what);
  void token_refused(const std::string& how);
  void cancelled();
  void tell_cancelled(mcp::message notice);
  void hold();
  void release();
  [[nodiscard]] bool repeatable() const;
  [[nodiscard]] bool translated() const;
  [[nodiscard]] mcp::era server_era() const;

  std::shared_ptr<call_context> around_;
  mcp::incoming what_;
  std::shared_ptr<session> who_;
  http::header_list headers_;
  std::shared_ptr<conduit> out_;
  std::shared_ptr<link> through_;
  boost::asio::cancellation_signal stop_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point give_up_;
  std::chrono::milliseconds pause_{20};
  std::string own_id_;        // under which the server knows it, where ids are ours
  std::string last_problem_;  // why the last attempt did not reach the server
  int lost_sessions_ = 0;
  bool waiting_ = false;  // in the queue for the server
  bool running_ = false;
  bool admitted_ = false;  // out of the queue; the next may follow when it has reached the server
  bool parked_ = false;    // the server is away: to be gone on with when it is here
  bool held_ = false;
  bool under_way_ = false;  // the server may have it
  bool responded_ = false;  // the client has the response
  bool resumable_ = false;  // the server has given ids to its events: the client can ask for the rest
  bool error_ = false;      // the response was an error
  bool counted_ = false;
};

}  // namespace workspaced::door
