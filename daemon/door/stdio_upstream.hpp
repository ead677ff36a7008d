// A server that speaks over its stdin and stdout, one message a line. All clients share it.
#pragma once

#include "door/bell.hpp"
#include "door/upstream.hpp"
#include "os/unique_fd.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace workspaced::door {

class stdio_upstream : public upstream {
 public:
  explicit stdio_upstream(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  ~stdio_upstream() override;

  /// Told of what the server says by itself.
  std::function<void(const mcp::message& what)> when_told;

  /// The pipes of a new run: to its stdin, from its stdout.
  void attach(os::unique_fd to, os::unique_fd from);
  /// The run is over. Answers that have not come will not come.
  void detach();

  /// Ids of requests must differ among all clients.
  boost::asio::awaitable<begun> begin(outbound what) override;
  boost::asio::awaitable<begun> listen(std::string session, std::string version,
                                       std::string last_event) override;
  boost::asio::awaitable<void> end_session(std::string session, std::string version) override;
  void forget() override {}
  [[nodiscard]] bool is_shared() const override { return true; }

 private:
  class conversation;
  struct mailbox;

  /// One run's pipes. Lives as long as something is read or written.
  struct pipes;

  void read_on(const std::shared_ptr<pipes>& run);
  void write_on(const std::shared_ptr<pipes>& run);
  bool send(std::string line);
  void take(std::string line);
  void answer_for_client(const mcp::message& request);

  boost::asio::any_io_executor executor_;
  std::shared_ptr<pipes> pipes_;
  std::map<std::string, std::weak_ptr<mailbox>, std::less<>> waiting_;  // by the id of the request
};

}  // namespace workspaced::door
