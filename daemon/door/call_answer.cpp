// The way back: what the server answers, to the client.
#include "door/call.hpp"
#include "door/translate.hpp"
#include "mcp/event_text.hpp"

#include <utility>

namespace workspaced::door {
namespace {

namespace asio = boost::asio;

/// Longer events are passed on in parts, as they come, where nothing has to be changed in them.
constexpr std::size_t long_event = 64 * 1024;
/// A message that has to be changed on the way is read whole.
constexpr std::size_t longest_translated = 16U << 20U;
/// Shorter bodies are answered with their length.
constexpr std::size_t short_body = 1U << 20U;

/// Within an event every line of the data needs its field name.
std::string as_data(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\r') continue;
    out += c;
    if (c == '\n') out += "data: ";
  }
  return out;
}

}  // namespace

asio::awaitable<call::step> call::pass_on_events(incoming_answer& answer) {
  const bool change = translated();
  mcp::event_splitter splitter(change ? longest_translated : long_event);
  for (;;) {
    const auto piece = co_await answer.next();
    if (!piece) co_return splitter.inside_long_event() ? step::broken : responded_ ? step::done : step::lost;
    if (!*piece) break;
    for (auto& event : splitter.feed(**piece)) {
      if (!event.whole && change) {
        fail(core::door_outcome::error, around_->name + " sent a message that is too long to be translated",
             "too_long");
        co_return step::done;
      }
      auto data = event.whole ? event.data() : std::nullopt;
      if (event.whole && event.bytes.find("id:") != std::string::npos) resumable_ = true;
      auto seen = data ? mcp::message::parse(std::move(*data)) : mcp::rpc_error{};
      if (seen) look_at(*seen);
      // What answers somebody else, or is no message, is nobody's.
      const bool stray = seen && seen->what() == mcp::message::kind::response && !responded_;
      if (stray || (data && !seen) || (change && !seen)) continue;
      out_->open_events();
      bool taken = false;
      if (change) {
        taken = co_await pass_on_event(std::move(*seen));
      } else {
        // A long event is as good as a response: nothing else is that long.
        if (!event.whole) responded_ = true;
        taken = co_await out_->put(std::move(event.bytes), event.whole);
      }
      if (!taken) co_return step::done;
    }
  }
  if (splitter.inside_long_event()) co_return step::broken;
  const bool rest_can_be_asked_for = resumable_ && !change && who_ != nullptr;
  if (!responded_ && !rest_can_be_asked_for) bad_answer("ended its answer without a response");
  co_return step::done;
}

void call::bad_answer(const std::string& what) {
  fail(core::door_outcome::error, around_->name + " " + what, "bad_answer");
}

asio::awaitable<bool> call::pass_on_event(mcp::message seen) {
  auto text = for_client(seen, server_era(), what_.era, what_.message.id(), progress_token(what_.message));
  if (text) co_return co_await out_->put(mcp::event_text(*text));
  // The server asks a client that has told it that it answers nothing.
  outbound out;
  out.session = through_->session;
  out.version = through_->version;
  out.silence = std::chrono::seconds(5);
  out.what = *mcp::message::parse(
      mcp::error_text(seen.id(), {mcp::code::method_not_found, "this client answers no requests"}));
  const auto ignored = co_await around_->behind->way().begin(std::move(out));
  static_cast<void>(ignored);
  co_return true;
}

asio::awaitable<call::step> call::pass_on_body(incoming_answer& answer) {
  std::string body;
  const std::size_t most = translated() ? longest_translated : short_body;
  for (;;) {
    const auto piece = co_await answer.next();
    if (!piece) co_return step::lost;
    if (!*piece) break;
    body += **piece;
    if (body.size() <= most) continue;
    if (!translated()) co_return co_await pass_on_long_body(answer, std::move(body));
    fail(core::door_outcome::error, around_->name + " sent a message that is too long to be translated",
         "too_long");
    co_return step::done;
  }
  co_return co_await pass_on_text(answer, std::move(body));
}

/// A body that is here as a whole.
asio::awaitable<call::step> call::pass_on_text(incoming_answer& answer, std::string body) {
  const bool good = answer.status == 200;
  auto seen = mcp::message::parse(body);
  if (seen) look_at(*seen);
  const bool error_of_nothing = seen && seen->id() == "null";  // it could not read even the id
  if (!responded_ && !error_of_nothing) {
    const std::string status =
        "answered " + std::to_string(answer.status) + " " + std::string(http::reason_phrase(answer.status));
    bad_answer(good ? status + ", but no response to this request" : status);
    co_return step::done;
  }
  if (!good) error_ = true;
  if (translated()) {
    auto text = for_client(*seen, server_era(), what_.era, what_.message.id(), {});
    if (text) body = std::move(*text);
  }
  if (out_->is_open()) {
    co_await out_->put(mcp::event_text(body));
    co_return step::done;
  }
  const int status = !translated() ? answer.status : 200;
  out_->give(http::response::json(std::move(body), status));
  co_return step::done;
}

/// What has been collected, and the rest as it comes.
asio::awaitable<call::step> call::pass_on_long_body(incoming_answer& answer, std::string first) {
  const bool as_event = out_->is_open();
  if (!as_event) out_->open(answer.content_type, {}, false);
  std::string next = as_event ? "event: message\ndata: " + as_data(first) : std::move(first);
  responded_ = true;
  for (;;) {
    if (!co_await out_->put(std::move(next), false)) co_return step::done;
    const auto piece = co_await answer.next();
    if (!piece) co_return step::broken;
    if (!*piece) break;
    next = as_event ? as_data(**piece) : **piece;
  }
  if (as_event) co_await out_->put("\n\n");
  co_return step::done;
}

}  // namespace workspaced::door
