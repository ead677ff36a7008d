#include "mcp/rules.hpp"

#include "json/edit.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

namespace workspaced::mcp {
namespace {

using http::request;
using http::response;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string member_text(std::string_view object, std::string_view name) {
  if (object.empty()) return {};
  const auto found = json::get_member(object, {std::string(name)});
  return found && *found ? json::string_value(**found).value_or("") : "";
}

bool has_member(std::string_view object, std::string_view name) {
  if (object.empty()) return false;
  const auto found = json::get_member(object, {std::string(name)});
  return found && found->has_value();
}

std::optional<response> refuse_media(const request& what) {
  const std::string type = lower(what.header("Content-Type"));
  if (!type.starts_with("application/json"))
    return refuse(415, "null", {code::invalid_request, "Content-Type must be application/json"});
  if (!accepts(what, "application/json") || !accepts(what, "text/event-stream"))
    return refuse(406, "null",
                  {code::invalid_request, "Accept must name application/json and text/event-stream"});
  return std::nullopt;
}

response unsupported(std::string_view id, const std::string& version) {
  const std::string requested = printable(version);
  return refuse(
      400, id,
      {code::unsupported_version, "Unsupported protocol version " + requested,
       R"({"supported":)" + supported_versions() + R"(,"requested":)" + json::quote(requested) + "}"});
}

/// Methods that exist only within a session.
bool went_with_sessions(std::string_view method) {
  constexpr std::array gone = {"initialize", "ping", "logging/setLevel", "resources/subscribe",
                               "resources/unsubscribe"};
  return std::find(gone.begin(), gone.end(), method) != gone.end();
}

std::optional<response> refuse_headers(const request& what, const message& asked) {
  const auto mismatch = [&asked](const std::string& why) {
    return refuse(400, asked.id(), {code::header_mismatch, "Header mismatch: " + why});
  };
  if (what.header(header::method) != asked.method())
    return mismatch(std::string(header::method) + " must be " + printable(asked.method()) +
                    ", as the body says");
  const std::string_view param = named_param(asked.method());
  if (param.empty()) return std::nullopt;
  const auto wanted = asked.text_param(param);
  if (!wanted) return std::nullopt;  // whoever answers will say what is missing
  const auto given = decode_name(what.header(header::name));
  if (!what.has_header(header::name) || given != wanted)
    return mismatch(std::string(header::name) + " must be params." + std::string(param));
  return std::nullopt;
}

std::variant<incoming, response> read_modern(const request& what, message asked) {
  const std::string_view meta = asked.meta();
  const std::string version = member_text(meta, meta::version);
  if (version.empty())
    return refuse(400, asked.id(),
                  {code::invalid_params, "Invalid params: _meta must have " + std::string(meta::version)});
  // Before it is looked at what the version is: two in one message are a contradiction.
  if (what.header(header::version) != version)
    return refuse(400, asked.id(),
                  {code::header_mismatch, "Header mismatch: " + std::string(header::version) + " must be " +
                                              printable(version) + ", as _meta says"});
  if (version != modern_version) return unsupported(asked.id(), version);
  if (asked.what() == message::kind::request) {
    if (auto refusal = refuse_headers(what, asked)) return std::move(*refusal);
    if (!has_member(meta, meta::capabilities))
      return refuse(
          400, asked.id(),
          {code::invalid_params, "Invalid params: _meta must have " + std::string(meta::capabilities)});
    if (went_with_sessions(asked.method()))
      return refuse(
          404, asked.id(),
          {code::method_not_found, "Method not found: " + asked.method() + " is not part of " + version});
  }
  return incoming{std::move(asked), era::modern, version};
}

constexpr std::string_view base64_open = "=?base64?";
constexpr std::string_view base64_close = "?=";
constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    const auto digit = digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    held = (held << 6) | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) out += static_cast<char>((held >> (bits -= 8)) & 0xff);
  }
  return out;
}

std::string encode_base64(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = (group << 8) | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k > bytes.size() ? '=' : digits[(group >> (18 - 6 * k)) & 63];
  }
  return out;
}

}  // namespace

std::string supported_versions() {
  std::string list = "[";
  for (const std::string_view each : legacy_versions) list += json::quote(each) + ",";
  return list + json::quote(modern_version) + "]";
}

std::variant<incoming, response> read_post(const request& what) {
  if (auto refusal = refuse_media(what)) return std::move(*refusal);
  auto parsed = message::parse(what.body);
  if (!parsed) return refuse(400, "null", parsed.error());
  const std::string version(what.header(header::version));
  const bool modern = has_member(parsed->meta(), meta::version) || version == modern_version;
  if (modern && parsed->what() != message::kind::response) return read_modern(what, std::move(*parsed));
  if (!version.empty() && version != modern_version && !is_legacy_version(version))
    return unsupported(parsed->id(), version);
  return incoming{std::move(*parsed), era::legacy, version.empty() ? "2025-03-26" : version};
}

response refuse(int status, std::string_view id, const rpc_error& error) {
  return response::json(error_text(id, error), status);
}

int status_of(era client, int code) {
  if (client == era::legacy) return 200;
  switch (code) {
    case code::method_not_found: return 404;
    case code::parse_error:
    case code::invalid_request:
    case code::invalid_params:
    case code::header_mismatch:
    case code::missing_capability:
    case code::unsupported_version: return 400;
    default: return 200;
  }
}

std::optional<std::string> decode_name(std::string_view value) {
  if (!value.starts_with(base64_open) || !value.ends_with(base64_close) ||
      value.size() < base64_open.size() + base64_close.size())
    return std::string(value);
  value.remove_prefix(base64_open.size());
  value.remove_suffix(base64_close.size());
  return decode_base64(value);
}

std::string encode_name(std::string_view name) {
  const bool plain =
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
  const bool kept = !name.starts_with(' ') && !name.ends_with(' ') && !name.starts_with(base64_open);
  if (plain && kept) return std::string(name);
  return std::string(base64_open) + encode_base64(name) + std::string(base64_close);
}

std::string_view named_param(std::string_view method) {
  if (method == "tools/call" || method == "prompts/get") return "name";
  return method == "resources/read" ? "uri" : "";
}

bool accepts(const request& what, std::string_view media_type) {
  if (!what.has_header("Accept")) return true;
  const std::string_view family = media_type.substr(0, media_type.find('/') + 1);
  for (const auto& [name, value] : what.headers) {
    if (!http::same_word(name, "Accept")) continue;
    const std::string list = lower(value);
    for (const std::string& each : {std::string(media_type), std::string(family) + "*", std::string("*/*")}) {
      if (list.find(each) != std::string::npos) return true;
    }
  }
  return false;
}

}  // namespace workspaced::mcp
