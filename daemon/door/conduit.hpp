// From the coroutine that makes a call to the connection that answers it: one piece at a time, so that a
// client that reads slowly slows its own call and nothing else.
#pragma once

#include "door/bell.hpp"
#include "http/message.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace workspaced::door {

class conduit : public std::enable_shared_from_this<conduit> {
 public:
  /// Between two pieces, so long at most: then a comment keeps the connection alive.
  static constexpr auto keep_alive_pause = std::chrono::seconds(15);

  explicit conduit(boost::asio::any_io_executor executor) : reader_(executor), writer_(std::move(executor)) {}

  /// Told once when the client has left before the end.
  std::function<void()> when_left;

  // The side of the call.

  /// The whole answer. Not after `open`.
  void give(http::response whole);
  /// A stream begins; an event stream gets keep-alives. Does nothing when an event stream has begun already.
  void open(std::string content_type, http::header_list headers, bool events);
  /// The header of an event stream goes to the client now: the answer will take a while.
  void open_events() { open("text/event-stream", {}, true); }
  [[nodiscard]] bool is_open() const { return stage_ != stage::undecided; }
  /// Returns when the client has taken it; false when the client has left. `whole`: an event ends with it.
  [[nodiscard]] boost::asio::awaitable<bool> put(std::string piece, bool whole = true);
  /// An event that does not wait for the client. The same one twice in a row is one.
  void post(std::string event);
  /// Nothing more comes.
  void finish();
  /// The stream cannot be ended as it should: the connection is broken off.
  void break_off();

  // The side of the client.

  /// The response: at once, or as an event stream that begins when `patience` has run out. `self` goes on to
  /// live in the response's stream; when that goes before the end, the client has left.
  [[nodiscard]] static boost::asio::awaitable<http::response> answer(std::shared_ptr<conduit> self,
                                                                     std::chrono::milliseconds patience);
  /// For who wants the response alone: its text, out of a body or of the last event; nothing when there is
  /// none by the deadline. Then the client has left.
  [[nodiscard]] static boost::asio::awaitable<std::optional<std::string>> collect(
      std::shared_ptr<conduit> self, std::chrono::steady_clock::time_point deadline);
  void leave();

 private:
  enum class stage { undecided, whole, streaming, finished, broken };
  class reader;

  boost::asio::awaitable<std::optional<std::string>> next();

  stage stage_ = stage::undecided;
  std::unique_ptr<http::response> head_;  // until it was handed over
  bool events_ = false;
  bool within_event_ = false;
  std::optional<std::string> piece_;
  std::vector<std::string> posted_;
  bool left_ = false;
  bell reader_;
  bell writer_;
};

}  // namespace workspaced::door
