#include "http/message.hpp"

#include "http/utf8.hpp"

#include <algorithm>
#include <array>

namespace workspaced::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr std::array<std::pair<method, std::string_view>, 6> methods = {{
    {method::get, "GET"},
    {method::head, "HEAD"},
    {method::post, "POST"},
    {method::put, "PUT"},
    {method::del, "DELETE"},
    {method::options, "OPTIONS"},
}};

constexpr std::array<std::pair<int, std::string_view>, 26> phrases = {{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

/// A JSON string; what is no UTF-8 becomes U+FFFD.
std::string quoted(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "\"";
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text[0]);
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\xef\xbf\xbd";
    } else if (c == '"' || c == '\\') {
      out += {'\\', text[0]};
    } else if (c < 0x20) {
      out += "\\u00";
      out += {hex[c >> 4], hex[c & 15]};
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + "\"";
}

template <class List>
auto find_key(List& list, std::string_view key) {
  return std::find_if(list.begin(), list.end(), [key](const auto& entry) { return entry.first == key; });
}

}  // namespace

std::string_view to_string(method verb) {
  for (const auto& [value, name] : methods) {
    if (value == verb) return name;
  }
  return {};
}

method method_from(std::string_view text) {
  for (const auto& [value, name] : methods) {
    if (name == text) return value;
  }
  return method::other;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_word(key, name)) return value;
  }
  return {};
}

bool request::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(),
                     [name](const auto& entry) { return same_word(entry.first, name); });
}

bool request::has(std::string_view key) const { return find_key(query, key) != query.end(); }

std::optional<std::string> request::get(std::string_view key) const {
  const auto place = find_key(query, key);
  return place == query.end() ? std::nullopt : std::optional(place->second);
}

std::string request::parameter(std::string_view name) const {
  const auto place = find_key(parameters, name);
  return place == parameters.end() ? std::string() : place->second;
}

response response::json(std::string body, int status) {
  response out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

response response::text(std::string body, int status) {
  response out;
  out.status = status;
  out.content_type = "text/plain; charset=utf-8";
  out.body = std::move(body);
  return out;
}

response response::streamed(std::string content_type, std::unique_ptr<http::stream> source) {
  response out;
  out.content_type = std::move(content_type);
  out.stream = std::move(source);
  return out;
}

response response::after(std::unique_ptr<deferred> work) {
  response out;
  out.later = std::move(work);
  return out;
}

response response::problem(int status, std::string_view title, std::string_view detail) {
  response out;
  out.status = status;
  out.content_type = "application/problem+json";
  out.body = "{\"type\":\"about:blank\",\"title\":" + quoted(title) +
             ",\"status\":" + std::to_string(status) + ",\"detail\":" + quoted(detail) + "}\n";
  return out;
}

std::string_view reason_phrase(int status) {
  for (const auto& [code, phrase] : phrases) {
    if (code == status) return phrase;
  }
  return "Unknown";
}

}  // namespace workspaced::http
