#include "mcp/client.hpp"

#include "mcp/event_text.hpp"
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

no_answer no_mcp(int status, const http::answer& head) {
  std::string text = std::to_string(status) + " ";
  text += head.reason.empty() ? http::reason_phrase(status) : std::string_view(head.reason);
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

boost::asio::awaitable<boost::system::result<message, no_answer>> read_response(http::exchange& from,
                                                                                std::string id,
                                                                                std::size_t most) {
  const int status = from.head().status;
  const bool events = content_type(from.head()).starts_with("text/event-stream");
  event_splitter splitter(most);
  std::string body;
  std::size_t seen = 0;
  for (;;) {
    const auto piece = co_await from.next();
    if (!piece) co_return no_answer{0, piece.error().text};
    if (!*piece) break;
    seen += (*piece)->size();
    if (seen > most)
      co_return no_answer{status, "the answer is longer than " + std::to_string(most) + " bytes"};
    if (!events) {
      body += **piece;
      continue;
    }
    for (const auto& event : splitter.feed(**piece)) {
      auto data = event.data();
      auto found = data ? response_in(std::move(*data), id) : std::nullopt;
      if (found) co_return std::move(*found);
    }
  }
  auto found = events ? std::nullopt : response_in(std::move(body), id);
  if (found) co_return std::move(*found);
  co_return no_mcp(status, from.head());
}

}  // namespace workspaced::mcp

void boost::system::throw_exception_from_error(const workspaced::mcp::no_answer& error,
                                               const source_location&) {
  throw std::logic_error(error.text);
}
