#include "door/call.hpp"

#include "core/durations.hpp"
#include "door/translate.hpp"
#include "json/edit.hpp"
#include "mcp/event_text.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace workspaced::door {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using mcp::era;
using outcome = core::door_outcome;

constexpr auto longest_pause = 500ms;
/// A server that forgets a session again and again.
constexpr int most_lost_sessions = 3;

/// Without a side effect, by their meaning.
constexpr std::array harmless = {
    "prompts/get",         "resources/read",       "completion/complete",      "tools/list",
    "prompts/list",        "resources/list",       "resources/templates/list", "logging/setLevel",
    "resources/subscribe", "resources/unsubscribe"};

std::string reason_data(std::string_view reason) { return R"({"reason":)" + json::quote(reason) + "}"; }

}  // namespace

call::call(std::shared_ptr<call_context> around, mcp::incoming what, std::shared_ptr<session> who,
           http::header_list headers)
    : around_(std::move(around)),
      what_(std::move(what)),
      who_(std::move(who)),
      headers_(std::move(headers)),
      out_(std::make_shared<conduit>(around_->executor)),
      through_(who_ && !around_->behind->way().is_shared() ? who_->server : around_->behind->shared_link()),
      give_up_(began_ + std::chrono::duration_cast<clock::duration>(around_->hold_timeout)) {}

call::~call() { release(); }

std::shared_ptr<conduit> call::start() {
  out_->when_left = [weak = weak_from_this()] {
    const auto self = weak.lock();
    // Not from here: whoever leaves may be within the call.
    if (self) asio::post(self->around_->executor, [self] { self->leave(); });
  };
  proceed();
  return out_;
}

/// To the server, or into the queue for it.
void call::proceed() {
  parked_ = false;
  if (around_->behind->is_here()) return spawn();
  hold();
  if (counted_) return end();  // there was no room
  waiting_ = true;
  around_->behind->wait(shared_from_this(), give_up_);
}

void call::go_on(bool here) {
  admitted_ = here;
  // Between being told and this the client may have left.
  if (!std::exchange(waiting_, false)) return let_the_next_in();
  if (here) return proceed();
  fail(outcome::unavailable,
       around_->name + " was not ready within " + core::in_words(around_->hold_timeout) +
           "; the call was not sent. See: workspacectl why " + around_->service,
       "unavailable");
  end();
}

void call::leave() {
  if (running_) return stop_.emit(asio::cancellation_type::all);
  if (!std::exchange(waiting_, false)) return;
  around_->behind->withdraw(*this, give_up_);
  end();
}

void call::spawn() {
  running_ = true;
  auto done = [self = shared_from_this()](std::exception_ptr failure) {
    self->running_ = false;
    if (failure) {
      self->around_->report("a call through the door " + self->around_->name + " failed unexpectedly");
      self->out_->break_off();
    }
    self->parked_ ? self->proceed() : self->end();
  };
  asio::co_spawn(around_->executor, run(), asio::bind_cancellation_slot(stop_.slot(), std::move(done)));
}

/// Those who waited for the server go to it a few at a time.
void call::let_the_next_in() {
  if (std::exchange(admitted_, false)) around_->behind->admit(1);
}

void call::end() {
  release();
  let_the_next_in();
  if (!counted_) cancelled();
  if (who_) who_->calls.erase(std::string(what_.message.id()));
  out_->finish();
}

asio::awaitable<void> call::run() {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  bool again = true;
  while (again) again = co_await attempt();
  const bool left = co_await is_cancelled();
  if (left) parked_ = false;
  if (left || parked_ || counted_) co_return;
  counted_ = true;
  around_->counts->count(error_ ? outcome::error : outcome::answered, clock::now() - began_);
}

/// True: another one is due.
asio::awaitable<bool> call::attempt() {
  server& behind = *around_->behind;
  if (!behind.is_here()) {
    parked_ = true;
    co_return false;
  }
  const auto closed = co_await behind.open(through_);
  if (closed && closed->token_refused) {
    token_refused(closed->why);
    co_return false;
  }
  if (closed) co_return co_await pause(closed->why);
  if (who_) co_await prepare_session();
  if (co_await is_cancelled()) co_return false;
  release();
  under_way_ = true;
  outbound message = message_for_server(*through_);
  const std::uint64_t run = behind.run();
  auto started = co_await behind.way().begin(std::move(message));
  let_the_next_in();
  if (co_await is_cancelled()) co_return false;
  if (!started) {
    if (started.error().may_have_arrived) co_return after_loss();
    under_way_ = false;
    co_return co_await pause(started.error().why);
  }
  const bool session_lost = (*started)->status == 404 && !through_->session.empty();
  if (session_lost && ++lost_sessions_ <= most_lost_sessions) {
    if (through_->run == run) through_->run = 0;
    co_return true;
  }
  const step end = co_await pass_on(**started);
  if (end == step::lost) co_return !co_await is_cancelled() && after_loss();
  if (end == step::broken) out_->break_off();
  co_return end == step::again;
}

/// The server could not be reached, although it should be there: soon again.
asio::awaitable<bool> call::pause(std::string why) {
  if (co_await is_cancelled()) co_return false;
  last_problem_ = std::move(why);
  hold();
  if (counted_) co_return false;
  if (clock::now() + pause_ >= give_up_) {
    fail(outcome::unavailable,
         around_->name + " could not be reached within " + core::in_words(around_->hold_timeout) + ": " +
             last_problem_ + "; the call was not sent. See: workspacectl why " + around_->service,
         "unavailable");
    co_return false;
  }
  bell nobody(around_->executor);
  co_await nobody.wait(clock::now() + pause_);
  pause_ = std::min<std::chrono::milliseconds>(2 * pause_, longest_pause);
  co_return !co_await is_cancelled();
}

/// The server got the call, and went before it answered. True: it is sent again.
bool call::after_loss() {
  if (repeatable()) {
    around_->counts->replayed();
    give_up_ = clock::now() + std::chrono::duration_cast<clock::duration>(around_->hold_timeout);
    return true;
  }
  const auto tool = what_.message.text_param("name");
  fail(outcome::lost,
       around_->name + " went away while it worked on " +
           (tool ? "the tool " + *tool : what_.message.method()) +
           ": nobody knows whether it was done. It was not sent again, because the tool is declared neither "
           "read-only "
           "nor idempotent; look before you repeat it",
       "outcome_unknown");
  return false;
}

/// A new session with the server is told what the client had set in the old one.
asio::awaitable<void> call::prepare_session() {
  const std::uint64_t run = through_->run;
  if (who_->prepared_run == run || through_->era == era::modern) co_return;
  who_->prepared_run = run;
  std::vector<std::pair<std::string, std::string>> told;
  if (!who_->log_level.empty()) told.emplace_back("logging/setLevel", who_->log_level);
  for (const auto& [uri, params] : who_->subscriptions) told.emplace_back("resources/subscribe", params);
  for (auto& [method, params] : told) {
    auto text = mcp::request_text("\"again\"", method, params);
    outbound out{*mcp::message::parse(std::move(text)), through_->session, through_->version, {}, 5s};
    const auto ignored = co_await around_->behind->way().begin(std::move(out));
    static_cast<void>(ignored);
  }
}

outbound call::message_for_server(const link& through) {
  outbound out;
  out.session = through.session;
  out.version = through.version;
  out.silence = around_->call_timeout;
  if (!translated()) {
    out.what = what_.message;
    out.headers = headers_;
    if (what_.era == era::modern) out.version = what_.version;
    return out;
  }
  std::string text;
  if (server_era() == era::modern) {
    text = for_modern_server(what_.message);
  } else {
    static std::uint64_t last = 0;  // one loop, and the ids of all doors differ
    own_id_ = std::to_string(++last);
    text = for_legacy_server(what_.message, own_id_);
  }
  out.what = *mcp::message::parse(std::move(text));
  return out;
}

asio::awaitable<call::step> call::pass_on(incoming_answer& answer) {
  if (answer.status == 401 || answer.status == 403) {
    token_refused(std::to_string(answer.status));
    co_return step::done;
  }
  if (answer.is_events() && answer.status == 200) co_return co_await pass_on_events(answer);
  co_return co_await pass_on_body(answer);
}

void call::token_refused(const std::string& how) {
  fail(outcome::error,
       around_->name + " refuses the door's token (" + how + "); check bearer_token of [mcp." +
           around_->name + "]",
       "token_refused");
}

bool call::repeatable() const {
  const std::string& method = what_.message.method();
  if (method == "tools/call") {
    const auto tool = what_.message.text_param("name");
    return tool && around_->behind->facts().repeatable(*tool);
  }
  return std::find(harmless.begin(), harmless.end(), method) != harmless.end();
}

era call::server_era() const {
  if (what_.era == era::modern && around_->behind->facts().who() && around_->behind->facts().who()->modern)
    return era::modern;
  return through_->era;
}

/// Ids are the door's where clients share a connection or a session with the server.
bool call::translated() const {
  if (around_->behind->way().is_shared()) return true;
  return server_era() != what_.era;
}

void call::look_at(const mcp::message& from_server) {
  if (from_server.what() == mcp::message::kind::notification) around_->behind->heard(from_server);
  if (from_server.what() != mcp::message::kind::response) return;
  if (from_server.id() != (own_id_.empty() ? what_.message.id() : std::string_view(own_id_))) return;
  responded_ = true;
  error_ = !from_server.error().empty();
}

void call::fail(outcome how, const std::string& why, std::string_view reason) {
  const mcp::rpc_error error{mcp::code::internal_error, why, reason_data(reason)};
  std::string text = mcp::error_text(what_.message.id(), error);
  if (out_->is_open()) {
    out_->post(mcp::event_text(text));
  } else {
    out_->give(http::response::json(std::move(text)));
  }
  counted_ = true;
  around_->counts->count(how, clock::now() - began_);
}

void call::hold() {
  if (held_) return;
  const std::size_t size = what_.message.text().size();
  const bool room = around_->counts->figures().held < around_->most_held &&
                    around_->held_bytes + size <= around_->most_held_bytes;
  if (!room) {
    return fail(
        outcome::refused,
        "too many calls wait for " + around_->name + " already; the call was not sent. Try again later",
        "too_many_held");
  }
  held_ = true;
  around_->counts->hold();
  around_->held_bytes += size;
  // The client waits a minute for the header of an answer, and much longer for the rest.
  out_->open_events();
}

void call::release() {
  if (!std::exchange(held_, false)) return;
  around_->counts->release();
  around_->held_bytes -= what_.message.text().size();
}

/// The client has left. A server whose connection others share sees nothing of that, so it is told.
void call::cancelled() {
  around_->counts->count(outcome::cancelled);
  if (!under_way_ || responded_ || own_id_.empty() || server_era() == era::modern) return;
  auto notice = mcp::notification_text("notifications/cancelled",
                                       R"({"requestId":)" + own_id_ + R"(,"reason":"the client has left"})");
  tell_cancelled(*mcp::message::parse(std::move(notice)));
}

void call::withdraw(const mcp::message& notice) { under_way_ ? tell_cancelled(notice) : leave(); }

void call::tell_cancelled(mcp::message notice) {
  outbound out;
  out.session = through_->session;
  out.version = through_->version;
  out.silence = 5s;
  if (!own_id_.empty()) {
    auto text = json::set_member(notice.text(), {"params", "requestId"}, own_id_);
    auto parsed = text ? mcp::message::parse(std::move(*text)) : mcp::rpc_error{};
    if (parsed) notice = std::move(*parsed);
  }
  out.what = std::move(notice);
  const auto done = [self = shared_from_this()](std::exception_ptr, const begun&) {};
  asio::co_spawn(around_->executor, around_->behind->way().begin(std::move(out)), done);
}

}  // namespace workspaced::door
