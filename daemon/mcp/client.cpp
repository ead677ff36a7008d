#include "mcp/client.hpp"

#include "mcp/rules.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

namespace workspaced::mcp {
namespace {

std::string_view content_type(const http::answer& head) {
  for (const auto& [name, value] : head.headers) {
    if (http::same_word(name, "Content-Type")) return value;
  }
  return {};
}

/// The response to `id` if this text is it.
std::optional<message> response_in(std::string text, std::string_view id) {
  auto parsed = message::parse(std::move(text));
  if (!parsed || parsed->what() != message::kind::response) return std::nullopt;
  if (parsed->id() != id && parsed->id() != "null") return std::nullopt;
  return std::move(*parsed);
}

no_answer no_mcp(int status) {
  std::string text = std::to_string(status) + " " + std::string(http::reason_phrase(status));
  if (status == 200) text += ", but no MCP message";
  return {status, std::move(text)};
}

}  // namespace

http::client_request post(const address& to, const message& what) {
  http::client_request out;
  out.where = to.where.address;
  out.verb = http::method::post;
  out.host = to.where.host_header;
  out.target = to.where.path;
  out.accept = "application/json, text/event-stream";
  out.bearer_token = to.bearer_token;
  out.body = what.text();
  if (!to.session.empty()) out.headers.emplace_back(header::session, to.session);
  if (!to.version.empty()) out.headers.emplace_back(header::version, to.version);
  if (to.version != modern_version) return out;
  out.headers.emplace_back(header::method, what.method());
  const std::string_view param = named_param(what.method());
  const auto name = param.empty() ? std::nullopt : what.text_param(param);
  if (name) out.headers.emplace_back(header::name, encode_name(*name));
  return out;
}

answer_reader::answer_reader(int status, bool events, std::string id, std::size_t most)
    : status_(status), events_(events), id_(std::move(id)), most_(most), splitter_(most) {}

void answer_reader::feed(std::string_view bytes) {
  if (outcome_) return;
  seen_ += bytes.size();
  if (seen_ > most_) {
    outcome_ = no_answer{status_, "the answer is longer than " + std::to_string(most_) + " bytes"};
  } else if (!events_) {
    body_ += bytes;
  } else {
    for (const auto& event : splitter_.feed(bytes)) {
      auto data = event.data();
      auto found = data && !outcome_ ? response_in(std::move(*data), id_) : std::nullopt;
      if (found) outcome_ = std::move(*found);
    }
  }
}

boost::system::result<message, no_answer> answer_reader::take() {
  if (outcome_) return std::move(*outcome_);
  auto found = events_ ? std::nullopt : response_in(std::move(body_), id_);
  if (found) return std::move(*found);
  return no_mcp(status_);
}

boost::asio::awaitable<boost::system::result<message, no_answer>> read_response(http::exchange& from,
                                                                                std::string id,
                                                                                std::size_t most) {
  const bool events = content_type(from.head()).starts_with("text/event-stream");
  answer_reader reader(from.head().status, events, std::move(id), most);
  while (!reader.done()) {
    const auto piece = co_await from.next();
    if (!piece) co_return no_answer{0, piece.error().text};
    if (!*piece) break;
    reader.feed(**piece);
  }
  co_return reader.take();
}

}  // namespace workspaced::mcp

void boost::system::throw_exception_from_error(const workspaced::mcp::no_answer& error,
                                               const source_location&) {
  throw std::logic_error(error.text);
}
