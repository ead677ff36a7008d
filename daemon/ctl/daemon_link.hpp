// The daemon behind its control socket.
#pragma once

#include "ctl/transport.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace workspaced::ctl {

/// Each call has a connection and an event loop of its own and blocks until it is over. A plain request that
/// gets no answer in time is a failure `timed_out`.
class daemon_link : public transport {
 public:
  explicit daemon_link(std::string socket, clock::duration patience = std::chrono::seconds(30))
      : socket_(std::move(socket)), patience_(patience) {}

  result<reply> request(const std::string& method, const std::string& target,
                        const std::string& body) override;
  result<stream_end> stream(stream_plan plan) override;

 private:
  std::string socket_;
  clock::duration patience_;
};

}  // namespace workspaced::ctl
