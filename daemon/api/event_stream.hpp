// /v1/events: changes as server-sent events.
//
//   event: snapshot   the document of /v1/services; first, and once
//   event: service    {"previous": …, "service": {…}} for each change
//   event: shutdown   the daemon has stopped its services and goes; the last
//
// Between them a comment when nothing has happened for a while, so that a dead connection shows.
#pragma once

#include "api/control.hpp"
#include "api/json.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace workspaced::api {

using clock = std::function<wall_time()>;

class event_stream : public http::stream {
 public:
  /// Subscribes at once and takes the snapshot when the first piece is asked for: a change in between is told
  /// twice rather than never. `daemon` must outlive the stream.
  event_stream(const control& daemon, std::unique_ptr<event_source> changes, clock now,
               std::chrono::milliseconds quiet_for = std::chrono::seconds(15));

  boost::asio::awaitable<std::optional<std::string>> next() override;

 private:
  enum class phase { snapshot, changes, over };

  const control& daemon_;
  std::unique_ptr<event_source> changes_;
  clock now_;
  std::chrono::milliseconds quiet_for_;
  phase phase_ = phase::snapshot;
};

}  // namespace workspaced::api
