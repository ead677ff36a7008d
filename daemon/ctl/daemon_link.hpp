// The daemon behind its control socket.
#pragma once

#include "ctl/transport.hpp"

#include <string>
#include <utility>

namespace workspaced::ctl {

/// Each call has a connection and an event loop of its own and blocks until it is over. A plain request that
/// gets no answer within half a minute is a failure `timed_out`.
class daemon_link : public transport {
 public:
  explicit daemon_link(std::string socket) : socket_(std::move(socket)) {}

  result<reply> request(const std::string& method, const std::string& target,
                        const std::string& body) override;
  result<stream_end> stream(stream_plan plan) override;

 private:
  std::string socket_;
};

}  // namespace workspaced::ctl
