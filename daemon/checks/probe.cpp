#include "checks/probe.hpp"

#include "checks/exec_probe.hpp"
#include "checks/mcp_probe.hpp"
#include "http/client.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace workspaced::checks {
namespace {

namespace asio = boost::asio;

/// As much of a refusal's body is shown to people, and waited for.
constexpr std::size_t glimpse = 200;
constexpr auto glimpse_time = std::chrono::milliseconds(100);

probe_result failed(const http::failure& why) {
  return {false, why.text, why.error == boost::system::errc::connection_refused, {}};
}

/// The first line of what the server says, without what would garble a terminal.
std::string first_line(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  std::string line(text.substr(0, std::min(text.find_first_of("\r\n"), glimpse)));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return line;
}

/// A service that says why it is not ready is worth a moment's listening, but the status alone has decided
/// already.
asio::awaitable<std::string> read_glimpse(http::exchange& from) {
  std::string body;
  from.limit(glimpse_time);
  while (body.size() < glimpse) {
    const auto piece = co_await from.next();
    if (!piece || !*piece) break;
    body += **piece;
  }
  co_return body;
}

asio::awaitable<probe_result> ask_http(asio::any_io_executor executor, core::http_target target,
                                       core::duration timeout) {
  http::client_request what;
  what.where = target.address;
  what.host = target.host_header;
  what.target = target.path;
  what.timeout = timeout;
  auto opened = co_await http::open(executor, std::move(what));
  if (!opened) co_return failed(opened.error());
  const http::answer& head = opened->head();
  probe_result result;
  result.ok = head.status >= 200 && head.status < 300;
  result.answer = std::to_string(head.status) + " ";
  result.answer += head.reason.empty() ? http::reason_phrase(head.status) : std::string_view(head.reason);
  if (result.ok) co_return result;
  const std::string line = first_line(co_await read_glimpse(*opened));
  if (!line.empty()) result.answer += ": " + line;
  co_return result;
}

asio::awaitable<probe_result> ask_tcp(asio::any_io_executor executor, core::tcp_target target,
                                      core::duration timeout) {
  const auto problem = co_await http::try_connect(executor, target, timeout);
  if (problem) co_return failed(*problem);
  probe_result result;
  result.ok = true;
  result.answer = "connected";
  co_return result;
}

asio::awaitable<probe_result> ask(asio::any_io_executor executor, os::process_table& processes,
                                  probe_request what) {
  if (const auto* http = std::get_if<core::http_target>(&what.target)) {
    co_return co_await ask_http(executor, *http, what.timeout);
  }
  if (const auto* tcp = std::get_if<core::tcp_target>(&what.target)) {
    co_return co_await ask_tcp(executor, *tcp, what.timeout);
  }
  if (const auto* mcp = std::get_if<core::mcp_target>(&what.target)) {
    if (mcp->where) co_return co_await ask_mcp(executor, processes, std::move(what));
    if (what.ask_stdio) co_return co_await what.ask_stdio();
    co_return probe_result{false, "nobody speaks with it yet", false, {}};
  }
  co_return co_await run_exec(executor, processes, std::move(what));
}

}  // namespace

asio::awaitable<probe_result> run_probe(asio::any_io_executor executor, os::process_table& processes,
                                        probe_request what) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  const auto began = std::chrono::steady_clock::now();
  probe_result result = co_await ask(executor, processes, std::move(what));
  result.took = std::chrono::steady_clock::now() - began;
  co_return result;
}

}  // namespace workspaced::checks
