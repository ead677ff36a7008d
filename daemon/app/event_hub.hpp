// Hands the changes of services to those who listen (/v1/events). A slow listener never makes us keep more
// than one entry per service: what it gets is always the latest.
#pragma once

#include "api/control.hpp"
#include "supervisor/supervisor.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <vector>

namespace workspaced::app {

class event_hub {
 public:
  event_hub(boost::asio::any_io_executor executor, supervisor::supervisor& services);

  [[nodiscard]] std::unique_ptr<api::event_source> subscribe();

  /// Tells every listener that the daemon stops, and ends their streams.
  void close();

 private:
  class subscription;
  struct mailbox;

  boost::asio::any_io_executor executor_;
  supervisor::supervisor& services_;
  std::vector<std::weak_ptr<mailbox>> mailboxes_;
};

}  // namespace workspaced::app
