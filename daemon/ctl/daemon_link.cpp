#include "ctl/daemon_link.hpp"

#include "http/client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/errc.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <vector>

namespace workspaced::ctl {
namespace {

using namespace std::chrono_literals;
namespace errc = boost::system::errc;
using fetched = boost::system::result<http::answer, http::failure>;

constexpr std::size_t most_body = 64'000'000;

failure unreachable(const http::failure& why, const std::string& socket) {
  if (why.error == errc::permission_denied || why.error == errc::operation_not_permitted) {
    return {exit_code::not_permitted, "cannot use the control socket " + socket + ": " + why.text};
  }
  if (why.error == errc::no_such_file_or_directory || why.error == errc::connection_refused) {
    return {exit_code::no_daemon, "no daemon answers on " + socket + "; start it: workspacectl up"};
  }
  return {exit_code::no_daemon, "cannot talk to the daemon on " + socket + ": " + why.text};
}

http::client_request request_for(const std::string& socket, const std::string& method,
                                 const std::string& target) {
  http::client_request out;
  out.where = http::unix_target{socket};
  out.verb = http::method_from(method);
  out.target = target;
  return out;
}

// One of the answers that a stream is made of.
struct part {
  std::string refusal;  // the body of an answer that is not 2xx
  bool begun = false;   // a piece has come
  std::optional<fetched> over;
};

// What the parts say when all are over.
result<stream_end> end_of(const std::vector<part>& parts, const std::string& socket) {
  for (const auto& it : parts) {
    if (!it.over) continue;
    // A daemon that dies breaks its streams off: that is their end, and no error of ours.
    if (it.over->has_error()) {
      if (!it.begun) return unreachable(it.over->error(), socket);
    } else if (const auto status = (*it.over)->status; status < 200 || status > 299) {
      return problem({static_cast<unsigned>(status), it.refusal});
    }
  }
  return stream_end::closed;
}

}  // namespace

result<reply> daemon_link::request(const std::string& method, const std::string& target,
                                   const std::string& body) {
  auto what = request_for(socket_, method, target);
  what.body = body;
  std::optional<fetched> got;
  boost::asio::io_context loop(1);
  boost::asio::co_spawn(loop, http::fetch(loop.get_executor(), std::move(what), most_body),
                        [&got](std::exception_ptr error, fetched answer) {
                          if (error) std::rethrow_exception(error);
                          got = std::move(answer);
                        });
  loop.run_for(patience_);
  if (!got)
    return failure{exit_code::timed_out, "time ran out: the daemon on " + socket_ + " does not answer"};
  if (got->has_error()) return unreachable(got->error(), socket_);
  return reply{static_cast<unsigned>((*got)->status), std::move((*got)->body)};
}

result<stream_end> daemon_link::stream(stream_plan plan) {
  std::vector<part> parts(plan.targets.size());
  bool stopped = false;
  boost::asio::io_context loop(1);  // the last: what is left unfinished in it refers to the others
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto take = [&plan, &loop, &stopped, &mine = parts[i], i](int status, std::string_view piece) {
      mine.begun = true;
      if (status < 200 || status > 299) {
        mine.refusal += piece;
      } else if (plan.on_data(i, piece) == flow::stop) {
        stopped = true;
        loop.stop();
      }
      return !stopped;
    };
    boost::asio::co_spawn(loop,
                          http::fetch_streamed(loop.get_executor(),
                                               request_for(socket_, "GET", plan.targets[i]), std::move(take)),
                          [&mine = parts[i]](std::exception_ptr error, fetched answer) {
                            if (error) std::rethrow_exception(error);
                            mine.over = std::move(answer);
                          });
  }
  auto next_tick = clock::now() + plan.tick.value_or(clock::duration::zero());
  for (;;) {
    auto until = plan.deadline.value_or(clock::now() + 1h);
    if (plan.tick) until = std::min(until, next_tick);
    loop.run_until(until);
    if (stopped) return stream_end::stopped;
    if (loop.stopped()) return end_of(parts, socket_);
    if (plan.deadline && clock::now() >= *plan.deadline) return stream_end::timed_out;
    if (!plan.tick || clock::now() < next_tick) continue;
    next_tick = clock::now() + *plan.tick;
    if (plan.on_tick() == flow::stop) return stream_end::stopped;
  }
}

}  // namespace workspaced::ctl
