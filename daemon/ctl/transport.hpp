// The daemon as workspacectl sees it: requests and streams over its control socket. A port, so that every
// verb can be driven by a scripted daemon in tests; `daemon_link` is the real one.
#pragma once

#include "ctl/outcome.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::ctl {

using clock = std::chrono::steady_clock;

struct reply {
  unsigned status = 0;
  std::string body;

  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

enum class flow { go_on, stop };

/// What to read, for how long, and who gets it.
struct stream_plan {
  std::vector<std::string> targets;  ///< read side by side, one GET each
  std::optional<clock::time_point> deadline;
  std::optional<clock::duration> tick;  ///< how often to call `on_tick`
  std::function<flow(std::size_t target, std::string_view data)> on_data;
  std::function<flow()> on_tick = {};
};

enum class stream_end {
  closed,   ///< the daemon ended every stream
  stopped,  ///< the listener said so
  timed_out,
};

class transport {
 public:
  transport() = default;
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  virtual ~transport() = default;

  /// One request, one answer of any status. Fails with `no_daemon` when nothing listens, `not_permitted` when
  /// the socket may not be opened.
  virtual result<reply> request(const std::string& method, const std::string& target,
                                const std::string& body) = 0;

  /// Blocks until the plan ends. An answer that is not 2xx is a failure as by `problem`; so is a lost
  /// connection before the first answer.
  virtual result<stream_end> stream(stream_plan plan) = 0;
};

/// What an answer that is not 2xx means: the title and detail of its problem document, and the exit code.
[[nodiscard]] failure problem(const reply& answer);

}  // namespace workspaced::ctl
