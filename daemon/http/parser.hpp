// HTTP/1.x messages from bytes, without any I/O. Beast's parser behind a small door: it is the only file of
// the house that pays for it.
#pragma once

#include "http/message.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace workspaced::http {

/// A request as it came, its target not yet understood.
struct raw_request {
  method verb = method::other;
  std::string target;
  bool http_1_0 = false;
  bool keep_alive = false;
  header_list headers;
  std::string body;
};

enum class progress { more, head, done, failed };

struct request_limits {
  std::size_t header = 16 * 1024;
  std::size_t body = 1024 * 1024;
};

class request_parser {
 public:
  explicit request_parser(request_limits limits);
  request_parser(const request_parser&) = delete;
  request_parser& operator=(const request_parser&) = delete;
  ~request_parser();

  /// Takes what it can use from the start of `bytes` and says how many that were; the rest has to be offered
  /// again, with more behind it. `head` comes once, when the header is complete and a body is to follow.
  std::size_t feed(std::string_view bytes, progress& reached);

  /// After `head`: the client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool expects_continue() const;
  /// After `done`.
  [[nodiscard]] raw_request take();
  /// After `failed`: 400, 413, 431, 501 or 505.
  [[nodiscard]] response refusal() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// The answer's side, for the client.
class response_parser {
 public:
  /// `head_only`: the answer to HEAD, which has no body whatever it says.
  explicit response_parser(bool head_only);
  response_parser(const response_parser&) = delete;
  response_parser& operator=(const response_parser&) = delete;
  ~response_parser();

  /// As for requests; `more` with a complete header means more of the body. Interim answers (1xx) are
  /// skipped.
  std::size_t feed(std::string_view bytes, progress& reached);
  /// The peer has closed. True when that completes the answer.
  [[nodiscard]] bool finish();

  [[nodiscard]] bool has_head() const;
  /// Another answer may follow on the connection.
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] int status() const;
  [[nodiscard]] std::string reason() const;
  [[nodiscard]] header_list headers() const;
  /// What has come of the body since the last call.
  [[nodiscard]] std::string take_body();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace workspaced::http
