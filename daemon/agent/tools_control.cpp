// Tools that wait for services, and those that start and stop them.
#include "agent/toolbox.hpp"
#include "api/json.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace workspaced::agent {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds usual_time{60};

const std::string time_argument =
    R"("timeout_seconds":{"type":"integer","minimum":1,"maximum":600,"description":"to wait at most; 60 if you do not say"})";
const std::string wait_argument =
    R"("wait":{"type":"boolean","description":"false: answer at once, as soon as it has begun"},)" +
    time_argument;

std::chrono::seconds time_of(const mcp::call& from) {
  return std::chrono::seconds(
      static_cast<long>(from.number("timeout_seconds").value_or(static_cast<double>(usual_time.count()))));
}

mcp::outcome failed(const std::string& text) { return mcp::outcome(mcp::tool_error(text)); }

std::string state_of(const core::service_view& service) {
  return std::string(core::to_string(service.state)) + ": " + service.reason;
}

}  // namespace

void toolbox::add_controlling(std::vector<mcp::tool>& all) {
  const std::string name(name_argument);
  const auto add = [&](const std::string& tool, const std::string& title, const std::string& text,
                       const std::string& arguments, mcp::hints hints, tool_handler run) {
    all.push_back(make_tool(
        {tool, title, text, arguments_schema(arguments, R"("name")"), std::string(service_schema), hints},
        bind(run)));
  };
  add("wait_ready", "Wait until a service is ready",
      "Waits until a service is ready (a task: has completed), has failed, or the time is up.",
      name + "," + time_argument, {true, false, true, false}, &toolbox::wait_ready);
  if (control_.empty()) return;
  add("start_service", "Start a service",
      "Starts a service and what it depends on, and waits until it is ready.", name + "," + wait_argument,
      {false, false, true, false}, &toolbox::start_service);
  add("stop_service", "Stop a service",
      "Stops a service and waits until its processes are gone. It stays down until somebody starts it.",
      name + "," + wait_argument, {false, true, true, false}, &toolbox::stop_service);
  add("restart_service", "Restart a service",
      "Stops a service, starts it again (after a change of its code or configuration) and waits until it is "
      "ready.",
      name + "," + wait_argument, {false, true, false, false}, &toolbox::restart_service);
}

asio::awaitable<mcp::outcome> toolbox::wait_ready(mcp::call& from) {
  auto found = named(from);
  if (auto* unknown = std::get_if<mcp::outcome>(&found)) co_return std::move(*unknown);
  co_return co_await await(from, std::get<core::service_view>(found).name, goal(), time_of(from));
}

asio::awaitable<mcp::outcome> toolbox::start_service(mcp::call& from) {
  auto found = named(from);
  if (auto* unknown = std::get_if<mcp::outcome>(&found)) co_return std::move(*unknown);
  const auto before = std::get<core::service_view>(std::move(found));
  if (const auto no = order(&api::control::start, from, before.name)) co_return failed(*no);
  goal until;
  // What has ended needs another run; what is on its way is in it.
  const bool over = before.state == core::status::stopped || before.state == core::status::completed ||
                    before.state == core::status::failed;
  if (over) until.after_run = before.run;
  co_return co_await finish(from, before.name, until);
}

asio::awaitable<mcp::outcome> toolbox::stop_service(mcp::call& from) {
  auto found = named(from);
  if (auto* unknown = std::get_if<mcp::outcome>(&found)) co_return std::move(*unknown);
  const std::string name = std::get<core::service_view>(found).name;
  if (const auto no = order(&api::control::stop, from, name)) co_return failed(*no);
  goal until;
  until.what = goal::kind::down;
  co_return co_await finish(from, name, until);
}

asio::awaitable<mcp::outcome> toolbox::restart_service(mcp::call& from) {
  auto found = named(from);
  if (auto* unknown = std::get_if<mcp::outcome>(&found)) co_return std::move(*unknown);
  const auto before = std::get<core::service_view>(std::move(found));
  if (const auto no = order(&api::control::restart, from, before.name)) co_return failed(*no);
  goal until;
  until.after_run = before.run;
  co_return co_await finish(from, before.name, until);
}

/// Why a client may not control a service, and who can change that.
std::optional<std::string> toolbox::refusal_of(const mcp::call& from, const std::string& name) const {
  const bool allowed = std::any_of(control_.begin(), control_.end(),
                                   [&](const std::string& each) { return each == "*" || each == name; });
  if (!allowed) {
    return "Agents may not control " + name + ". To allow it, the user adds \"" + name +
           "\" to control in [mcp_server] of " + daemon_.view().daemon.config_file +
           " and runs: workspacectl reload";
  }
  if (from.granted() < http::access::admin) {
    return "This client may only look: it came with the read token. To control services it has to send the "
           "admin token, which is in <state_dir>/tokens.";
  }
  return std::nullopt;
}

/// Gives an order; says why it was not taken.
std::optional<std::string> toolbox::order(action what, const mcp::call& from, const std::string& name) {
  if (auto refusal = refusal_of(from, name)) return refusal;
  const api::outcome end = (daemon_.*what)({name});
  if (end) return std::nullopt;
  return "Refused: " + end.error().message;
}

/// After an order: at once, or when it is carried out.
asio::awaitable<mcp::outcome> toolbox::finish(mcp::call& from, std::string name, goal until) {
  if (from.flag("wait").value_or(true)) co_return co_await await(from, name, until, time_of(from));
  const core::fleet_view fleet = daemon_.view();
  const core::service_view* now = fleet.find(name);
  if (now == nullptr) co_return failed(name + " has left the configuration.");
  co_return mcp::outcome(shown(*now));
}

/// The end of the wait; nothing while there is hope.
std::optional<mcp::outcome> toolbox::judge(const core::service_view& service, const goal& until) const {
  using core::status;
  const bool over = service.state == status::stopped || service.state == status::completed ||
                    service.state == status::failed;
  if (until.what == goal::kind::down)
    return over ? std::optional(mcp::outcome(shown(service))) : std::nullopt;
  if (service.is_ready() && service.run > until.after_run) return mcp::outcome(shown(service));
  if (service.state == status::failed)
    return failed(service.name + " has failed: " + service.reason + ". read_logs shows what it wrote.");
  if (service.state == status::stopped && !service.wanted)
    return failed(service.name + " is stopped, and nobody wants it up: " + service.reason);
  return std::nullopt;
}

asio::awaitable<mcp::outcome> toolbox::await(mcp::call& from, std::string name, goal until,
                                             std::chrono::seconds time) {
  using asio::experimental::awaitable_operators::operator||;
  asio::steady_timer deadline(co_await asio::this_coro::executor, time);
  const auto changes = daemon_.subscribe();
  std::optional<core::status> reported;
  for (double steps = 1;; ++steps) {
    const core::fleet_view fleet = daemon_.view();
    const core::service_view* now = fleet.find(name);
    if (now == nullptr) co_return failed(name + " has left the configuration.");
    if (auto end = judge(*now, until)) co_return std::move(*end);
    if (deadline.expiry() <= std::chrono::steady_clock::now()) {
      const char* missing = until.what == goal::kind::down ? " is not down after " : " is not ready after ";
      co_return failed(name + missing + std::to_string(time.count()) + " s; " + state_of(*now) +
                       ". read_logs shows what it wrote; wait_ready goes on waiting.");
    }
    if (reported != now->state) from.progress(steps, {}, state_of(*now));
    reported = now->state;
    auto first = co_await (changes->next() || deadline.async_wait(asio::as_tuple(asio::use_awaitable)));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return failed("cancelled");
    if (first.index() == 0 && !std::get<0>(first)) co_return failed("workspaced is stopping.");
  }
}

}  // namespace workspaced::agent
