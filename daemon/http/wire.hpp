// Responses and requests as bytes. Pure but for the date.
#pragma once

#include "http/message.hpp"

#include <string>
#include <string_view>

namespace workspaced::http {

enum class framing {
  counted,     ///< Content-Length
  chunked,     ///< a stream over HTTP/1.1
  until_close  ///< a stream over HTTP/1.0
};

struct head_options {
  framing form = framing::counted;
  bool http_1_0 = false;
  bool keep_alive = true;
};

/// Status line and header, with the empty line.
[[nodiscard]] std::string head_text(const response& what, head_options how);

/// One chunk; `piece` is not empty (an empty chunk would be the last).
[[nodiscard]] std::string as_chunk(std::string_view piece);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace workspaced::http
