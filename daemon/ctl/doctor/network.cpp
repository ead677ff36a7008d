#include "ctl/doctor/network.hpp"

#include "ctl/doctor/probed_ports.hpp"
#include "http/client.hpp"
#include "os/files.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <charconv>
#include <chrono>
#include <exception>

namespace workspaced::ctl::doctor {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto patience = 1s;
constexpr std::size_t longest_address = 200;
constexpr std::size_t most_body = 4'000'000;

void rethrow(std::exception_ptr error) {
  if (error) std::rethrow_exception(error);
}

/// "127.0.0.1:9001" or "[::1]:9001", as the daemon has written it or the configuration says.
std::string address_of(const facts& seen) {
  constexpr std::string_view scheme = "http://";
  if (seen.fleet) {
    auto text = os::read_whole(seen.state_dir.path + "/address", longest_address);
    if (text && text->starts_with(scheme))
      return text->substr(scheme.size(), text->find('\n') - scheme.size());
  }
  if (!seen.configuration.config) return {};
  const auto& listen = seen.configuration.config->http.listen;
  if (listen.port == 0) return {};
  const bool six = listen.host.find(':') != std::string::npos;
  return (six ? "[" + listen.host + "]" : listen.host) + ":" + std::to_string(listen.port);
}

std::optional<core::tcp_target> parse(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  core::tcp_target out{address.substr(0, colon), 0};
  if (out.host.starts_with('[') && out.host.ends_with(']'))
    out.host = out.host.substr(1, out.host.size() - 2);
  const auto [end, error] =
      std::from_chars(address.data() + colon + 1, address.data() + address.size(), out.port);
  return error == std::errc{} && end == address.data() + address.size() ? std::optional(out) : std::nullopt;
}

void get(asio::io_context& loop, const core::tcp_target& where, const std::string& path, web_answer& into) {
  into.problem = "no answer in time";
  http::client_request what;
  what.where = where;
  what.target = path;
  what.timeout = patience;
  asio::co_spawn(loop, http::fetch(loop.get_executor(), std::move(what), most_body),
                 [&into](std::exception_ptr error, const http::client_result<http::answer>& got) {
                   rethrow(error);
                   into.problem = got ? "" : got.error().text;
                   if (!got) return;
                   into.status = got->status;
                   into.body = got->body;
                 });
}

void connect(asio::io_context& loop, const core::tcp_target& where, std::set<std::uint16_t>& answering) {
  asio::co_spawn(
      loop, http::try_connect(loop.get_executor(), where, patience),
      [&answering, port = where.port](std::exception_ptr error, const std::optional<http::failure>& why) {
        rethrow(error);
        if (!why) answering.insert(port);
      });
}

}  // namespace

void look_at_network(facts& seen, clock::time_point deadline) {
  asio::io_context loop(1);
  seen.address = address_of(seen);
  if (const auto where = parse(seen.address)) {
    get(loop, *where, "/health", seen.health);
    if (seen.fleet) get(loop, *where, "/metrics", seen.metrics);
  }
  if (seen.configuration.config) {
    for (const auto& [port, asked] : probed_ports(*seen.configuration.config))
      connect(loop, asked.where, seen.answering_ports);
  }
  loop.run_until(deadline);
}

}  // namespace workspaced::ctl::doctor
