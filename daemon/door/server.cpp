#include "door/server.hpp"

#include "door/translate.hpp"
#include "json/edit.hpp"
#include "mcp/event_text.hpp"
#include "os/files.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace workspaced::door {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using answered = boost::system::result<mcp::message, mcp::no_answer>;

constexpr std::size_t largest_answer = 16U << 20U;
constexpr int most_pages = 100;
/// Calls that waited and go to the server together.
constexpr std::size_t most_at_once = 64;
constexpr auto question_time = 5s;
constexpr auto first_pause = 100ms;
constexpr auto longest_pause = 2000ms;

constexpr std::string_view our_hello =
    R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"workspaced","version":"1"}})";

std::string text_at(std::string_view object, const json::path& along) {
  const auto found = json::get_member(object, along);
  return found && *found ? json::string_value(**found).value_or("") : "";
}

std::string problem_in(const answered& got) {
  if (!got) return got.error().text;
  return got->error().empty() ? "" : "it says: " + text_at(got->error(), {"message"});
}

mcp::message message_of(std::string text) { return *mcp::message::parse(std::move(text)); }

/// `params` with the version in `_meta`, for a modern server.
std::string modern(std::string_view id, std::string_view method, std::string_view params) {
  return for_modern_server(message_of(mcp::request_text(id, method, params)));
}

/// Two arrays as one.
std::string joined(std::string left, std::string_view right) {
  if (left.empty() || left == "[]") return std::string(right);
  if (right == "[]") return left;
  left.pop_back();
  return left + "," + std::string(right.substr(1));
}

}  // namespace

server::server(asio::any_io_executor executor, settings all, std::unique_ptr<upstream> way)
    : executor_(executor),
      settings_(std::move(all)),
      way_(std::move(way)),
      shared_(std::make_shared<link>()),
      changed_(executor),
      first_deadline_(executor) {
  shared_->hello = our_hello;
  const auto text = os::read_whole(settings_.file, 2 * largest_answer);
  auto remembered = text ? knowledge::from_json(*text) : std::nullopt;
  if (remembered) facts_ = std::move(*remembered);
}

void server::arrive(std::uint64_t run) {
  if (here_ && run_ == run) return;
  run_ = run;
  here_ = true;
  changed_.ring();
  admit(most_at_once);
  acquaintance_ = std::make_shared<asio::cancellation_signal>();
  auto done = [self = shared_from_this(), signal = acquaintance_](std::exception_ptr failure) {
    if (failure) self->settings_.report("getting to know " + self->settings_.name + " failed unexpectedly");
  };
  asio::co_spawn(executor_, keep_acquainted(run),
                 asio::bind_cancellation_slot(acquaintance_->slot(), std::move(done)));
}

void server::leave() {
  if (!std::exchange(here_, false)) return;
  way_->forget();
  if (const auto signal = std::exchange(acquaintance_, nullptr)) {
    asio::post(executor_, [signal] { signal->emit(asio::cancellation_type::all); });
  }
  changed_.ring();
}

void server::close() {
  closed_ = true;
  leave();
  changed_.ring();
  tell_waiting(std::exchange(waiting_, {}), false);
}

void server::wait(std::shared_ptr<waiter> who, time_point deadline) {
  const auto place = waiting_.emplace(closed_ ? time_point() : deadline, std::move(who));
  if (place == waiting_.begin()) arm();
}

void server::withdraw(const waiter& who, time_point deadline) {
  const auto [begin, end] = waiting_.equal_range(deadline);
  const auto place =
      std::find_if(begin, end, [&who](const auto& entry) { return entry.second.get() == &who; });
  if (place != end) waiting_.erase(place);
}

void server::admit(std::size_t more) {
  queue next;
  while (here_ && next.size() < more && !waiting_.empty()) next.insert(waiting_.extract(waiting_.begin()));
  tell_waiting(std::move(next), true);
}

void server::tell_waiting(queue who, bool here) {
  for (const auto& entry : who) {
    asio::post(executor_, [each = entry.second, here] { each->go_on(here); });
  }
}

/// One timer for all who wait.
void server::arm() {
  if (waiting_.empty()) return;
  first_deadline_.expires_at(waiting_.begin()->first);
  first_deadline_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    queue late;
    while (!self->waiting_.empty() && self->waiting_.begin()->first <= clock::now())
      late.insert(self->waiting_.extract(self->waiting_.begin()));
    self->tell_waiting(std::move(late), false);
    self->arm();
  });
}

asio::awaitable<bool> server::here_by(time_point deadline) {
  bool left = false;
  while (!here_ && !closed_ && !left && clock::now() < deadline) {
    co_await changed_.wait(deadline);
    left = co_await is_cancelled();
  }
  co_return here_ && !left;
}

asio::awaitable<void> server::known_by(time_point deadline) {
  bool left = false;
  while (here_ && known_run_ != run_ && !left && clock::now() < deadline) {
    co_await changed_.wait(deadline);
    left = co_await is_cancelled();
  }
}

asio::awaitable<std::optional<not_begun>> server::open(std::shared_ptr<link> through) {
  while (through->opening) {
    co_await changed_.wait();
    if (co_await is_cancelled()) co_return not_begun{false, "cancelled"};
  }
  if (through->run == run_ && run_ != 0) co_return std::nullopt;
  through->opening = true;
  const auto outcome = co_await initialize(through);
  through->opening = false;
  changed_.ring();
  co_return outcome;
}

/// A server that does not know `initialize` has no sessions: there is nothing to open.
asio::awaitable<std::optional<not_begun>> server::initialize(std::shared_ptr<link> through) {
  const std::uint64_t run = run_;
  link fresh;
  fresh.run = run;
  std::string session;
  auto hello = message_of(mcp::request_text("\"open\"", "initialize", through->hello));
  link nothing_yet;
  const answered got = co_await talk(std::move(nothing_yet), std::move(hello), question_time, &session);
  if (!got && got.error().status == 0) co_return not_begun{false, got.error().text};
  if (got && got->error().empty()) {
    fresh.session = std::move(session);
    fresh.version = text_at(got->result(), {"protocolVersion"});
    outbound done{message_of(mcp::notification_text("notifications/initialized")),
                  fresh.session,
                  fresh.version,
                  {},
                  question_time};
    const auto told = co_await way_->begin(std::move(done));
    if (!told) co_return told.error();
    if (through == shared_) {
      auto who = identity_of_initialize(got->result());
      if (who && facts_.who()) who->modern = facts_.who()->modern;
      if (who && facts_.learn(std::move(*who))) save();
    }
  } else if (facts_.who() && facts_.who()->modern) {
    fresh.era = mcp::era::modern;
    fresh.version = mcp::modern_version;
  } else {
    const bool refused = !got && (got.error().status == 401 || got.error().status == 403);
    co_return not_begun{false, "initialize: " + problem_in(got), refused};
  }
  fresh.hello = through->hello;
  fresh.opening = true;
  *through = std::move(fresh);
  co_return std::nullopt;
}

asio::awaitable<answered> server::talk(link through, mcp::message what, core::duration timeout,
                                       std::string* session) {
  std::string id(what.id());
  outbound out{std::move(what), std::move(through.session), std::move(through.version), {}, timeout};
  auto answer = co_await way_->begin(std::move(out));
  if (!answer) co_return mcp::no_answer{0, answer.error().why};
  if (session != nullptr) *session = (*answer)->session;
  mcp::answer_reader reader((*answer)->status, (*answer)->is_events(), std::move(id), largest_answer);
  while (!reader.done()) {
    const auto piece = co_await (*answer)->next();
    if (!piece) co_return mcp::no_answer{0, piece.error().text};
    if (!*piece) break;
    reader.feed(**piece);
  }
  co_return reader.take();
}

asio::awaitable<answered> server::ask(std::string method, std::string params, core::duration timeout) {
  const auto closed = co_await open(shared_);
  if (closed) co_return mcp::no_answer{0, closed->why};
  const std::string id = "\"ask-" + std::to_string(++questions_) + "\"";
  std::string text =
      shared_->era == mcp::era::modern ? modern(id, method, params) : mcp::request_text(id, method, params);
  mcp::message what = message_of(std::move(text));
  co_return co_await talk(*shared_, std::move(what), timeout, nullptr);
}

asio::awaitable<std::string> server::get_to_know() {
  while (introducing_) {
    co_await changed_.wait();
    if (co_await is_cancelled()) co_return "cancelled";
  }
  if (known_run_ == run_ && run_ != 0) co_return "";
  introducing_ = true;
  const std::uint64_t run = run_;
  problem_ = co_await introduce();
  introducing_ = false;
  if (problem_.empty()) known_run_ = run;
  changed_.ring();
  co_return problem_;
}

asio::awaitable<std::string> server::introduce() {
  // Both eras are asked for: what is known of one may not be what the other can do.
  std::string problem;
  mcp::message question = message_of(modern("\"discover\"", "server/discover", ""));
  link modern_link;
  modern_link.version = mcp::modern_version;
  const answered found = co_await talk(std::move(modern_link), std::move(question), question_time, nullptr);
  if (!found && found.error().status == 0) co_return found.error().text;
  auto discovered = problem_in(found).empty() ? identity_of_discover(found->result()) : std::nullopt;
  if (discovered) {
    if (facts_.who()) discovered->version = facts_.who()->version;
    facts_.learn(*discovered);
  } else if (facts_.who()) {
    identity legacy = *facts_.who();
    legacy.modern = false;
    facts_.learn(std::move(legacy));
  }
  const auto closed = co_await open(shared_);
  if (closed) co_return closed->why;
  for (const list_kind& kind : list_kinds) {
    problem = co_await learn_list(kind);
    if (!problem.empty()) co_return std::string(kind.method) + ": " + problem;
  }
  save();
  co_return "";
}

asio::awaitable<std::string> server::learn_list(const list_kind& kind) {
  std::string items;
  std::string cursor;
  if (facts_.has_capability(kind.capability)) {
    for (int page = 0; page < most_pages; ++page) {
      std::string params = cursor.empty() ? "" : R"({"cursor":)" + json::quote(cursor) + "}";
      const answered got = co_await ask(std::string(kind.method), std::move(params), question_time);
      if (!got) co_return got.error().text;
      // A server may have resources and no templates.
      if (!got->error().empty()) break;
      const auto part = json::get_member(got->result(), {std::string(kind.member)});
      if (part && *part && (*part)->starts_with('[')) items = joined(std::move(items), **part);
      cursor = text_at(got->result(), {"nextCursor"});
      if (cursor.empty()) break;
    }
  }
  if (items.empty()) items = "[]";
  if (facts_.learn(kind.method, std::move(items)) && when_changed) when_changed(kind);
  co_return "";
}

/// Goes on until the run is known, then listens to what the server says of itself.
asio::awaitable<void> server::keep_acquainted(std::uint64_t run) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  auto pause = std::chrono::milliseconds(first_pause);
  while (here_ && run_ == run) {
    const std::string problem = co_await get_to_know();
    if (problem.empty()) break;
    co_await changed_.wait(clock::now() + pause);
    pause = std::min(2 * pause, std::chrono::milliseconds(longest_pause));
  }
  co_await watch(run);
}

asio::awaitable<begun> server::open_watch() {
  if (shared_->era == mcp::era::legacy)
    co_return co_await way_->listen(shared_->session, shared_->version, "");
  outbound out;
  out.what = message_of(modern("\"watch\"", "subscriptions/listen",
                               R"({"notifications":{"toolsListChanged":true,"promptsListChanged":true,)"
                               R"("resourcesListChanged":true}})"));
  out.version = mcp::modern_version;
  co_return co_await way_->begin(std::move(out));
}

/// Only where the server has something to say on a stream: one that is open makes some servers slow to stop.
/// It ends with the run, before the server is told to.
asio::awaitable<void> server::watch(std::uint64_t run) {
  const bool session = shared_->era == mcp::era::modern || !shared_->session.empty();
  while (here_ && run_ == run && session && facts_.announces() && !way_->is_shared()) {
    auto stream = co_await open_watch();
    mcp::event_splitter splitter(largest_answer);
    while (stream && (*stream)->status == 200 && (*stream)->is_events() && here_ && run_ == run) {
      const auto piece = co_await (*stream)->next();
      if (!piece || !*piece) break;
      for (const auto& event : splitter.feed(**piece)) {
        auto data = event.data();
        const auto told = data ? mcp::message::parse(std::move(*data)) : mcp::rpc_error{};
        if (told) heard(*told);
      }
    }
    if (stream && (*stream)->status != 200) co_return;  // it has none
    stream = not_begun{};
    co_await changed_.wait(clock::now() + longest_pause);
  }
}

void server::heard(const mcp::message& what) {
  if (what.what() != mcp::message::kind::notification) return;
  for (const list_kind& kind : list_kinds) {
    if (kind.changed == what.method()) refresh(kind);
  }
}

void server::refresh(const list_kind& kind) {
  const auto done = [self = shared_from_this()](std::exception_ptr failure, const std::string&) {
    if (!failure) self->save();
  };
  asio::co_spawn(executor_, learn_list(kind), done);
}

void server::saw(std::string_view method, std::string items) {
  const list_kind* const kind = find_list(method);
  if (kind == nullptr || !facts_.learn(method, std::move(items))) return;
  save();
  if (when_changed) when_changed(*kind);
}

void server::save() const {
  if (const auto error = os::write_whole(settings_.file, facts_.to_json(), 0600))
    settings_.report("cannot keep what is known of " + settings_.name + " in " + settings_.file + ": " +
                     error.message());
}

}  // namespace workspaced::door
