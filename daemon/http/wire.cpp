#include "http/wire.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace workspaced::http {
namespace {

/// IMF-fixdate (RFC 9110 5.6.7). The names are English because nobody here calls setlocale(3).
std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text.data(), length};
}

}  // namespace

std::string head_text(const response& what, head_options how) {
  std::string head = "HTTP/1.1 " + std::to_string(what.status) + " ";
  head += reason_phrase(what.status);
  head += "\r\nDate: " + http_date() + "\r\nServer: workspaced\r\n";
  if (!what.content_type.empty()) head += "Content-Type: " + what.content_type + "\r\n";
  for (const auto& [name, value] : what.headers) head += name + ": " + value + "\r\n";
  // These have no body by definition, and no length (RFC 9110 8.6).
  const bool bodiless = what.status == 204 || what.status == 304;
  if (how.form == framing::chunked) head += "Transfer-Encoding: chunked\r\n";
  if (how.form == framing::counted && !bodiless)
    head += "Content-Length: " + std::to_string(what.body.size()) + "\r\n";
  if (!how.keep_alive) head += "Connection: close\r\n";
  if (how.keep_alive && how.http_1_0) head += "Connection: keep-alive\r\n";
  return head + "\r\n";
}

std::string as_chunk(std::string_view piece) {
  std::array<char, 20> size{};
  const int length = std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
  std::string out;
  out.reserve(static_cast<std::size_t>(length) + piece.size() + 2);
  out.append(size.data(), static_cast<std::size_t>(length));
  out += piece;
  return out += "\r\n";
}

}  // namespace workspaced::http
