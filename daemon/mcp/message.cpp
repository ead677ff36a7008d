#include "mcp/message.hpp"

#include "http/utf8.hpp"
#include "json/edit.hpp"
#include "mcp/protocol.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace workspaced::mcp {
namespace {

rpc_error not_a_message(std::string why) {
  return {code::invalid_request, "Invalid request: " + std::move(why)};
}

bool is_id(std::string_view value) {
  return !value.empty() && (value[0] == '"' || value[0] == '-' || (value[0] >= '0' && value[0] <= '9'));
}

bool is_object(std::string_view value) { return !value.empty() && value[0] == '{'; }

}  // namespace

boost::system::result<message, rpc_error> message::parse(std::string text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  const char first = begin == std::string::npos ? '\0' : text[begin];
  if (first != '{' && first != '\0' && static_cast<unsigned char>(first) < 0x80 && json::check_value(text)) {
    return not_a_message(first == '['
                             ? "batches were removed from the protocol in 2025-06-18; send one message"
                             : "a message is an object");
  }
  const auto levels = json::locate(text, {});
  if (!levels) return rpc_error{code::parse_error, "Parse error: " + levels.error().message()};
  message out;
  bool versioned = false;
  part method;
  for (const json::member& each : levels->front().members) {
    const part where{each.value_begin, each.value_end - each.value_begin};
    if (each.key == "jsonrpc") versioned = text.compare(where.begin, where.size, "\"2.0\"") == 0;
    if (each.key == "method") method = where;
    if (each.key == "id") out.id_ = where;
    if (each.key == "params") out.params_ = where;
    if (each.key == "result") out.result_ = where;
    if (each.key == "error") out.error_ = where;
  }
  out.text_ = std::move(text);
  if (!versioned) return not_a_message("\"jsonrpc\" must be \"2.0\"");
  const bool answers = out.result_.size > 0 || out.error_.size > 0;
  if (method.size == 0) {
    if (!answers) return not_a_message("it has neither a method nor a result");
    if (out.result_.size > 0 && out.error_.size > 0) return not_a_message("it has a result and an error");
    if (!is_id(out.id()) && !(out.id() == "null" && out.error_.size > 0))
      return not_a_message("a response needs the id of its request");
    out.kind_ = kind::response;
    return out;
  }
  auto name = json::string_value(out.at(method));
  if (!name) return not_a_message("\"method\" must be a string");
  out.method_ = std::move(*name);
  if (out.params_.size > 0 && !is_object(out.params())) return not_a_message("\"params\" must be an object");
  if (out.id_.size > 0 && !is_id(out.id())) return not_a_message("\"id\" must be a string or a number");
  out.kind_ = out.id_.size > 0 ? kind::request : kind::notification;
  return out;
}

std::string_view message::meta() const {
  if (params_.size == 0) return {};
  const auto found = json::get_member(params(), {"_meta"});
  return found && *found && is_object(**found) ? **found : std::string_view();
}

std::optional<std::string> message::text_param(std::string_view name) const {
  if (params_.size == 0) return std::nullopt;
  const auto found = json::get_member(params(), {std::string(name)});
  return found && *found ? json::string_value(**found) : std::nullopt;
}

std::string request_text(std::string_view id, std::string_view method, std::string_view params) {
  std::string text = R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":)" + json::quote(method);
  if (!params.empty()) text += R"(,"params":)" + std::string(params);
  return text + "}";
}

std::string notification_text(std::string_view method, std::string_view params) {
  std::string text = R"({"jsonrpc":"2.0","method":)" + json::quote(method);
  if (!params.empty()) text += R"(,"params":)" + std::string(params);
  return text + "}";
}

std::string result_text(std::string_view id, std::string_view result) {
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"result":)" + std::string(result) + "}";
}

std::string error_text(std::string_view id, const rpc_error& error) {
  std::string text = R"({"jsonrpc":"2.0","id":)" + std::string(id.empty() ? "null" : id) +
                     R"(,"error":{"code":)" + std::to_string(error.code) + R"(,"message":)" +
                     json::quote(error.message);
  if (!error.data.empty()) text += R"(,"data":)" + error.data;
  return text + "}}";
}

std::string printable(std::string_view text) {
  constexpr std::size_t longest = 120;
  std::string out;
  while (!text.empty() && out.size() < longest) {
    const std::size_t length = http::utf8_length(text);
    out += length == 0 ? "\xEF\xBF\xBD" : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return text.empty() ? out : out + "…";
}

}  // namespace workspaced::mcp

void boost::system::throw_exception_from_error(const workspaced::mcp::rpc_error& error,
                                               const source_location&) {
  throw std::logic_error(error.message);
}
