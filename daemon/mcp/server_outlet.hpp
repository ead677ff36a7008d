// From a request that is being answered, or a stream that stays open, to the client: JSON when the answer is
// all there is to say, else server-sent events.
#pragma once

#include "http/message.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace workspaced::mcp {

class outlet : public std::enable_shared_from_this<outlet> {
 public:
  /// Events that a client has not fetched; whoever lets so many pile up misses what comes next.
  static constexpr std::size_t most_waiting = 256;

  /// `pause`: of an event stream; then a comment keeps it alive.
  outlet(boost::asio::any_io_executor executor, std::chrono::milliseconds pause)
      : bell_(executor), pause_(pause) {}

  /// Told once when the client has left before the end.
  std::function<void()> when_left;

  /// A notification. The same one twice in a row, before the client has fetched it, is one.
  void post(const std::string& message);
  /// The end: the response, with the status that it has if it comes alone.
  void finish(const std::string& message, int status = 200);
  /// The end without a response.
  void end();
  [[nodiscard]] bool has_ended() const { return ended_; }

  /// The HTTP response: at once when there is something to say, else within `patience`. Only once.
  [[nodiscard]] static http::response answer(std::shared_ptr<outlet> self,
                                             std::chrono::milliseconds patience);

 private:
  class presence;
  class waiting;
  class reader;

  [[nodiscard]] bool has_something() const { return ended_ || !events_.empty(); }
  [[nodiscard]] http::response respond(std::unique_ptr<presence> client);
  [[nodiscard]] boost::asio::awaitable<std::optional<std::string>> next();
  [[nodiscard]] boost::asio::awaitable<void> wait(std::chrono::steady_clock::time_point deadline);
  void leave();

  boost::asio::steady_timer bell_;
  std::chrono::milliseconds pause_;
  std::deque<std::string> events_;
  std::optional<http::response> alone_;
  bool streaming_ = false;
  bool ended_ = false;
  bool left_ = false;
};

}  // namespace workspaced::mcp
