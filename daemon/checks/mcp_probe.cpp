#include "checks/mcp_probe.hpp"

#include "checks/secret.hpp"
#include "http/client.hpp"
#include "json/edit.hpp"
#include "mcp/client.hpp"

#include <chrono>
#include <string_view>
#include <utility>

namespace workspaced::checks {
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using answered = boost::system::result<mcp::message, mcp::no_answer>;

constexpr std::size_t largest_answer = 8U << 20U;

constexpr std::string_view hello =
    R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"workspaced","version":"1"}})";
constexpr std::string_view modern_params =
    R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientInfo":{"name":"workspaced","version":"1"},)"
    R"("io.modelcontextprotocol/clientCapabilities":{}}})";

std::string text_at(std::string_view object, const json::path& along) {
  const auto found = json::get_member(object, along);
  return found && *found ? json::string_value(**found).value_or("") : "";
}

/// One conversation; each question has what is left of the attempt's time.
class conversation {
 public:
  conversation(asio::any_io_executor executor, mcp::address to, core::duration timeout)
      : executor_(std::move(executor)), to_(std::move(to)), ends_(clock::now() + timeout) {}

  asio::awaitable<answered> ask(std::string method, std::string params) {
    const std::string text = mcp::request_text("1", method, params);
    auto what = mcp::post(to_, *mcp::message::parse(text));
    what.timeout = std::max<core::duration>(ends_ - clock::now(), std::chrono::milliseconds(1));
    auto exchange = co_await http::open(executor_, std::move(what));
    if (!exchange) {
      refused_ = exchange.error().error == boost::system::errc::connection_refused;
      co_return mcp::no_answer{0, exchange.error().text};
    }
    for (const auto& [name, value] : exchange->head().headers) {
      if (http::same_word(name, mcp::header::session)) to_.session = value;
    }
    std::string id = "1";
    co_return co_await mcp::read_response(*exchange, std::move(id), largest_answer);
  }

  /// The server wants to hear this before it answers anything else.
  asio::awaitable<void> tell_initialized() {
    auto what = mcp::post(to_, *mcp::message::parse(mcp::notification_text("notifications/initialized")));
    what.timeout = std::max<core::duration>(ends_ - clock::now(), std::chrono::milliseconds(1));
    const auto ignored = co_await http::fetch(executor_, std::move(what), 1);
    static_cast<void>(ignored);
  }

  /// A session that nobody goes on with is ended.
  asio::awaitable<void> leave() {
    if (to_.session.empty()) co_return;
    http::client_request what;
    what.where = to_.where.address;
    what.verb = http::method::del;
    what.host = to_.where.host_header;
    what.target = to_.where.path;
    what.bearer_token = to_.bearer_token;
    what.headers = {{mcp::header::session, to_.session}, {mcp::header::version, to_.version}};
    what.timeout = std::max<core::duration>(ends_ - clock::now(), std::chrono::milliseconds(1));
    const auto ignored = co_await http::fetch(executor_, std::move(what), 1);
    static_cast<void>(ignored);
  }

  void speak(std::string version) { to_.version = std::move(version); }
  [[nodiscard]] bool refused() const { return refused_; }

 private:
  asio::any_io_executor executor_;
  mcp::address to_;
  clock::time_point ends_;
  bool refused_ = false;
};

std::string problem_in(const answered& got) {
  if (!got) return got.error().text;
  if (got->error().empty()) return {};
  return "the server says: " + text_at(got->error(), {"message"});
}

probe_result failed(std::string text, bool refused = false) { return {false, std::move(text), refused, {}}; }

}  // namespace

asio::awaitable<probe_result> ask_mcp(asio::any_io_executor executor, os::process_table& processes,
                                      probe_request what) {
  const auto target = std::get<core::mcp_target>(what.target);
  const auto token = co_await read_secret(executor, processes, target.token, what.environment);
  if (!token) co_return failed(token.error().text);
  mcp::address to{*target.where, *token, {}, {}};
  conversation talk(executor, std::move(to), what.timeout);

  answered hi = co_await talk.ask("initialize", std::string(hello));
  if (talk.refused()) co_return failed(hi.error().text, true);
  std::string params;
  json::path info = {"serverInfo"};
  if (problem_in(hi).empty()) {
    talk.speak(text_at(hi->result(), {"protocolVersion"}));
    co_await talk.tell_initialized();
  } else {
    const std::string problem = problem_in(hi);
    talk.speak(std::string(mcp::modern_version));
    hi = co_await talk.ask("server/discover", std::string(modern_params));
    if (!problem_in(hi).empty()) co_return failed("initialize: " + problem);
    params = modern_params;
    info = {"_meta", std::string(mcp::meta::server_info)};
  }
  const answered list = co_await talk.ask("tools/list", std::move(params));
  co_await talk.leave();
  if (!problem_in(list).empty()) co_return failed("tools/list: " + problem_in(list));
  const auto tools = json::get_member(list->result(), {"tools"});
  if (!tools || !*tools) co_return failed("tools/list: there are no tools in the answer");

  json::path version = info;
  info.emplace_back("name");
  version.emplace_back("version");
  probe_result result;
  result.ok = true;
  result.answer = text_at(hi->result(), info) + " " + text_at(hi->result(), version) + ", " +
                  std::to_string(json::elements(**tools).size()) + " tools";
  co_return result;
}

}  // namespace workspaced::checks
