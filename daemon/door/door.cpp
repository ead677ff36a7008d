#include "door/door.hpp"

#include "core/durations.hpp"
#include "door/translate.hpp"
#include "json/edit.hpp"
#include "mcp/event_text.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace workspaced::door {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using http::request;
using http::response;
using mcp::era;
using outcome = core::door_outcome;

/// Claude Code gives its servers two seconds at its start, all questions together.
constexpr auto first_questions = 700ms;
/// Before the server has answered, a client waits so long for the header of an answer; most give up after a
/// minute.
constexpr auto patience = 5s;
constexpr std::size_t most_sessions = 10'000;
constexpr std::size_t most_held = 20'000;
constexpr std::size_t most_held_bytes = 64U << 20U;
constexpr int session_not_found = -32001;

/// Of a client's request, what belongs to the server: tracing, and what later versions of MCP add.
http::header_list passed_on(const request& from) {
  http::header_list kept;
  for (const auto& [name, value] : from.headers) {
    const bool ours = http::same_word(name, mcp::header::session) ||
                      http::same_word(name, mcp::header::version) ||
                      http::same_word(name, mcp::header::method) || http::same_word(name, mcp::header::name);
    const bool theirs = http::same_word(name, "traceparent") || http::same_word(name, "tracestate") ||
                        http::same_word(name, "baggage") ||
                        (name.size() > 4 && http::same_word(name.substr(0, 4), "Mcp-"));
    if (theirs && !ours) kept.emplace_back(name, value);
  }
  return kept;
}

bool wants(std::string_view params, std::string_view filter) {
  const auto found = json::get_member(params, {"notifications", std::string(filter)});
  return found && *found && **found == "true";
}

}  // namespace

/// A question that is answered after a while.
class door::question : public http::deferred {
 public:
  explicit question(asio::awaitable<response> work) : work_(std::move(work)) {}
  asio::awaitable<response> answer() override { return std::move(work_); }

 private:
  asio::awaitable<response> work_;
};

door::door(asio::any_io_executor executor, settings all, std::shared_ptr<server> behind)
    : executor_(executor),
      settings_(std::move(all)),
      behind_(std::move(behind)),
      counts_(std::make_shared<tally>()),
      around_(std::make_shared<call_context>()),
      sessions_(most_sessions) {
  around_->executor = std::move(executor);
  around_->name = settings_.name;
  around_->service = settings_.service;
  around_->behind = behind_;
  around_->counts = counts_;
  around_->hold_timeout = settings_.hold_timeout;
  around_->call_timeout = settings_.call_timeout;
  around_->most_held = most_held;
  around_->most_held_bytes = most_held_bytes;
  around_->report = settings_.report;
}

void door::begin() {
  behind_->when_changed = [weak = weak_from_this()](const list_kind& kind) {
    if (const auto self = weak.lock()) self->announce(kind);
  };
}

void door::close() {
  behind_->close();
  for (const listener& each : listeners_) {
    const auto to = each.to.lock();
    if (!to) continue;
    if (!each.subscription.empty()) {
      const std::string result = R"({"resultType":"complete","_meta":{)" +
                                 json::quote(mcp::meta::subscription) + ":" + each.subscription + "}}";
      to->post(mcp::event_text(mcp::result_text(each.subscription, result)));
    }
    to->finish();
  }
  listeners_.clear();
}

core::door_view door::view() const {
  core::door_view out;
  out.name = settings_.name;
  out.service = settings_.service;
  out.target = settings_.target;
  out.open = behind_->is_here();
  out.server = behind_->facts().title();
  out.tools = behind_->facts().tools();
  out.sessions = sessions_.size();
  out.problem = behind_->problem();
  out.figures = counts_->figures();
  return out;
}

response door::refused(int status, std::string_view id, const mcp::rpc_error& error) {
  counts_->count(outcome::refused);
  return mcp::refuse(status, id, error);
}

response door::known(const mcp::incoming& what, const std::string& result) {
  counts_->count(outcome::known);
  return response::json(mcp::result_text(what.message.id(), result));
}

response door::post(const request& what) {
  auto read = mcp::read_post(what);
  if (auto* refusal = std::get_if<response>(&read)) {
    counts_->count(outcome::refused);
    return std::move(*refusal);
  }
  auto& good = std::get<mcp::incoming>(read);
  if (good.message.what() == mcp::message::kind::request) return answer_request(std::move(good), what);
  return answer_notice(std::move(good), what);
}

response door::answer_request(mcp::incoming what, const request& from) {
  const std::string& method = what.message.method();
  if (what.era == era::modern) {
    if (method == "server/discover")
      return response::after(std::make_unique<question>(introduce(std::move(what))));
    if (method == "subscriptions/listen") return listen(what);
    if (find_list(method) != nullptr)
      return response::after(std::make_unique<question>(list(std::move(what), nullptr)));
    return begin_call(std::move(what), nullptr, from);
  }
  if (method == "initialize") return response::after(std::make_unique<question>(introduce(std::move(what))));
  const auto id = from.header(mcp::header::session);
  if (id.empty())
    return refused(400, what.message.id(),
                   {mcp::code::invalid_request, "Mcp-Session-Id is missing; initialize gives one"});
  auto who = sessions_.find(id);
  if (!who)
    return refused(404, what.message.id(), {session_not_found, "Session not found; initialize a new one"});
  if (method == "ping") return known(what, "{}");
  if (find_list(method) != nullptr)
    return response::after(std::make_unique<question>(list(std::move(what), std::move(who))));
  remember(what, *who);
  return begin_call(std::move(what), std::move(who), from);
}

/// What the next session with the server has to be told again.
void door::remember(const mcp::incoming& what, session& who) {
  const std::string& method = what.message.method();
  const std::string params(what.message.params());
  if (method == "logging/setLevel") who.log_level = params;
  const auto uri = what.message.text_param("uri");
  if (method == "resources/subscribe" && uri && who.subscriptions.size() < 1000)
    who.subscriptions[*uri] = params;
  if (method == "resources/unsubscribe" && uri) who.subscriptions.erase(*uri);
}

response door::begin_call(mcp::incoming what, std::shared_ptr<session> who, const request& from) {
  const std::string id(what.message.id());
  const auto made = std::make_shared<call>(around_, std::move(what), who, passed_on(from));
  if (who) who->calls[id] = made;
  return response::after(std::make_unique<question>(conduit::answer(made->start(), patience)));
}

/// What a client says without waiting for an answer: to the server, if it has a session there.
response door::answer_notice(mcp::incoming what, const request& from) {
  response accepted;
  accepted.status = 202;
  accepted.content_type.clear();
  if (what.era == era::modern) return accepted;
  const auto who = sessions_.find(from.header(mcp::header::session));
  if (!who) return refused(404, "null", {session_not_found, "Session not found; initialize a new one"});
  // The session with the server is opened, and told so, by us.
  if (what.message.method() == "notifications/initialized") return accepted;
  if (what.message.method() == "notifications/cancelled") {
    const auto id = json::get_member(what.message.params(), {"requestId"});
    const auto place = id && *id ? who->calls.find(**id) : who->calls.end();
    const auto running = place == who->calls.end() ? nullptr : place->second.lock();
    if (running) running->withdraw(what.message);
    return accepted;
  }
  return pass_on_notice(what.message, *who);
}

response door::pass_on_notice(const mcp::message& notice, const session& who) {
  response accepted;
  accepted.status = 202;
  accepted.content_type.clear();
  if (behind_->way().is_shared() || !behind_->is_here() || who.server->run != behind_->run()) return accepted;
  outbound out{notice, who.server->session, who.server->version, {}, 5s};
  const auto done = [behind = behind_](std::exception_ptr, const begun&) {};
  asio::co_spawn(executor_, behind_->way().begin(std::move(out)), done);
  return accepted;
}

/// initialize and server/discover.
asio::awaitable<response> door::introduce(mcp::incoming what) {
  const auto self = shared_from_this();
  co_await behind_->known_by(clock::now() + first_questions);
  if (what.era == era::modern) co_return known(what, behind_->facts().discover_result(settings_.name));
  const std::string version = what.message.text_param("protocolVersion").value_or("");
  const std::string result = behind_->facts().initialize_result(version, settings_.name);
  const auto made = sessions_.open(std::string(what.message.params()), version);
  response out = known(what, result);
  out.headers.emplace_back(mcp::header::session, made->id);
  co_return out;
}

/// One of the lists: from the server if it answers soon, else as it was.
asio::awaitable<response> door::list(mcp::incoming what, std::shared_ptr<session> who) {
  const auto self = shared_from_this();
  const list_kind& kind = *find_list(what.message.method());
  std::string live = co_await live_list(what, std::move(who));
  if (!live.empty()) {
    counts_->count(outcome::answered);
    co_return response::json(std::move(live));
  }
  if (what.message.text_param("cursor"))
    co_return refused(
        mcp::status_of(what.era, mcp::code::invalid_params), what.message.id(),
        {mcp::code::invalid_params, "the cursor is of a server that is not there now; begin anew"});
  co_return known(what, behind_->facts().list_result(kind, what.era));
}

/// The server's own answer as a message for the client; empty: it was not to be had.
asio::awaitable<std::string> door::live_list(const mcp::incoming& what, std::shared_ptr<session> who) {
  const list_kind& kind = *find_list(what.message.method());
  if (!behind_->is_here()) co_return "";
  // A server without the capability may be asked for the list all the same: it was promised while it was not
  // known.
  if (!behind_->facts().has_capability(kind.capability)) co_return "";
  auto context = std::make_shared<call_context>(*around_);
  context->counts = std::make_shared<tally>();
  context->hold_timeout = first_questions;
  context->call_timeout = first_questions;
  auto asked = std::make_shared<call>(std::move(context), what, std::move(who), http::header_list());
  const auto way = asked->start();
  const auto answer = co_await conduit::collect(way, clock::now() + first_questions);
  auto seen = answer ? mcp::message::parse(*answer) : mcp::rpc_error{};
  if (!seen || seen->what() != mcp::message::kind::response) co_return "";
  if (seen->result().empty()) {
    // An honest error of the server is passed on; one of ours is not: there is something better to say.
    const auto reason = json::get_member(seen->error(), {"data", "reason"});
    const bool ours = reason && *reason;
    co_return ours ? "" : *answer;
  }
  const auto items = json::get_member(seen->result(), {std::string(kind.member)});
  const auto more = json::get_member(seen->result(), {"nextCursor"});
  const bool whole = !what.message.text_param("cursor") && more && (!*more || **more == "null");
  if (whole && items && *items && (*items)->starts_with('[')) behind_->saw(kind.method, std::string(**items));
  co_return *answer;
}

/// A modern client's stream of notices.
response door::listen(const mcp::incoming& what) {
  const std::string id(what.message.id());
  const auto to = std::make_shared<conduit>(executor_);
  to->open_events();
  listener entry{to, id, {}};
  std::string honoured;
  for (const list_kind& kind : list_kinds) {
    if (!wants(what.message.params(), kind.filter) || !behind_->facts().has_capability(kind.capability))
      continue;
    if (std::find(entry.wants.begin(), entry.wants.end(), kind.changed) != entry.wants.end()) continue;
    entry.wants.emplace_back(kind.changed);
    honoured += (honoured.empty() ? "" : ",") + json::quote(kind.filter) + ":true";
  }
  to->post(
      mcp::event_text(mcp::notification_text("notifications/subscriptions/acknowledged",
                                             R"({"_meta":{)" + json::quote(mcp::meta::subscription) + ":" +
                                                 id + R"(},"notifications":{)" + honoured + "}}")));
  listeners_.push_back(std::move(entry));
  counts_->count(outcome::known);
  return response::after(std::make_unique<question>(conduit::answer(to, patience)));
}

void door::announce(const list_kind& kind) {
  if (kind.method == "tools/list" && settings_.when_tools_changed) settings_.when_tools_changed();
  std::erase_if(listeners_, [&kind](const listener& each) {
    const auto to = each.to.lock();
    if (!to) return true;
    std::string params;
    if (!each.subscription.empty()) {
      if (std::find(each.wants.begin(), each.wants.end(), kind.changed) == each.wants.end()) return false;
      params = R"({"_meta":{)" + json::quote(mcp::meta::subscription) + ":" + each.subscription + "}}";
    }
    to->post(mcp::event_text(mcp::notification_text(kind.changed, params)));
    return false;
  });
}

/// A legacy client's stream for what comes unasked: our own notices, and what the server says in the client's
/// session.
response door::get(const request& what) {
  const auto who = sessions_.find(what.header(mcp::header::session));
  if (!who) return refused(404, "null", {session_not_found, "Session not found; initialize a new one"});
  if (!mcp::accepts(what, "text/event-stream"))
    return refused(406, "null", {mcp::code::invalid_request, "Accept must name text/event-stream"});
  const auto to = std::make_shared<conduit>(executor_);
  to->open_events();
  std::string last_event(what.header("Last-Event-ID"));
  if (last_event.empty()) listeners_.push_back({to, {}, {}});
  if (!behind_->way().is_shared()) relay(to, who, std::move(last_event));
  return response::after(std::make_unique<question>(conduit::answer(to, patience)));
}

void door::relay(std::shared_ptr<conduit> to, std::shared_ptr<session> who, std::string last_event) {
  const auto stop = std::make_shared<asio::cancellation_signal>();
  to->when_left = [stop, executor = executor_] {
    asio::post(executor, [stop] { stop->emit(asio::cancellation_type::all); });
  };
  auto done = [self = shared_from_this(), stop, weak = std::weak_ptr(to)](std::exception_ptr failure) {
    if (failure)
      self->settings_.report("a stream through the door " + self->settings_.name + " failed unexpectedly");
  };
  asio::co_spawn(executor_, relay_events(std::move(to), std::move(who), std::move(last_event)),
                 asio::bind_cancellation_slot(stop->slot(), std::move(done)));
}

/// The server's stream of the client's session, opened again for each of its runs. A server without sessions
/// has nothing to say there, and is quicker to stop without.
asio::awaitable<void> door::relay_events(std::shared_ptr<conduit> to, std::shared_ptr<session> who,
                                         std::string last_event) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  const bool once = !last_event.empty();
  while (!co_await is_cancelled()) {
    if (!co_await behind_->here_by(clock::time_point::max())) break;
    const std::uint64_t run = behind_->run();
    const bool opened = !co_await behind_->open(who->server);
    const bool has_stream = opened && who->server->era == era::legacy && !who->server->session.empty();
    if (opened && !has_stream && !once) break;
    if (has_stream) {
      auto stream = co_await behind_->way().listen(who->server->session, who->server->version, last_event);
      if (stream && (*stream)->status != 200 && (*stream)->status != 404) break;
      if (stream && (*stream)->is_events()) co_await relay_stream(to, **stream, run);
    }
    if (once || co_await is_cancelled()) break;
    bell nobody(executor_);
    co_await nobody.wait(clock::now() + 1s);
  }
  if (once) to->finish();
}

asio::awaitable<void> door::relay_stream(std::shared_ptr<conduit> to, incoming_answer& from,
                                         std::uint64_t run) {
  mcp::event_splitter splitter(1U << 20U);
  while (behind_->is_here() && behind_->run() == run) {
    const auto piece = co_await from.next();
    if (!piece || !*piece) co_return;
    for (auto& event : splitter.feed(**piece)) {
      if (!event.whole) co_return;
      auto data = event.data();
      const auto told = data ? mcp::message::parse(std::move(*data)) : mcp::rpc_error{};
      const bool list_changed = told && told->what() == mcp::message::kind::notification &&
                                told->method().ends_with("/list_changed");
      if (told) behind_->heard(*told);
      // Changes of lists are told by us, once, when the new list is known.
      if (list_changed) continue;
      if (!co_await to->put(std::move(event.bytes))) co_return;
    }
  }
}

response door::del(const request& what) {
  const auto who = sessions_.find(what.header(mcp::header::session));
  if (!who) return refused(404, "null", {session_not_found, "Session not found"});
  if (behind_->is_here() && who->server->run == behind_->run() && !who->server->session.empty()) {
    const auto done = [behind = behind_](std::exception_ptr) {};
    asio::co_spawn(executor_, behind_->way().end_session(who->server->session, who->server->version), done);
  }
  sessions_.end(who->id);
  response out;
  out.content_type.clear();
  return out;
}

asio::awaitable<mcp::message> door::call_tool(std::string params) {
  const auto self = shared_from_this();
  mcp::incoming what;
  what.era = era::modern;
  what.version = mcp::modern_version;
  what.message = *mcp::message::parse(
      for_modern_server(*mcp::message::parse(mcp::request_text("\"aggregate\"", "tools/call", params))));
  const auto made = std::make_shared<call>(around_, std::move(what), nullptr, http::header_list());
  const auto way = made->start();
  const auto text = co_await conduit::collect(way, clock::time_point::max());
  auto answer = text ? mcp::message::parse(*text) : mcp::rpc_error{};
  if (answer) co_return std::move(*answer);
  co_return *mcp::message::parse(
      mcp::error_text("\"aggregate\"", {mcp::code::internal_error, settings_.name + " gave no answer"}));
}

}  // namespace workspaced::door
