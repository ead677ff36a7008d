// JSON-RPC 2.0 messages. A message keeps the text that it came as: what is passed on is passed on unchanged,
// numbers above all. Pure.
#pragma once

#include "json/scan.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace workspaced::mcp {

/// The error of a JSON-RPC response.
struct rpc_error {
  int code = 0;
  std::string message;
  std::string data = {};  ///< JSON; empty: none

  bool operator==(const rpc_error&) const = default;
};

class message {
 public:
  enum class kind { request, notification, response };

  /// One message, not a batch. Fails as JSON-RPC wants it told: parse_error, or invalid_request for JSON that
  /// is no message.
  [[nodiscard]] static boost::system::result<message, rpc_error> parse(std::string text);

  [[nodiscard]] kind what() const { return kind_; }
  /// Of a request or notification.
  [[nodiscard]] const std::string& method() const { return method_; }
  /// JSON text, a string or a number; "null" in an error that answers nothing known; empty in a notification.
  [[nodiscard]] std::string_view id() const { return at(id_); }
  /// JSON text of an object; empty when there are none.
  [[nodiscard]] std::string_view params() const { return at(params_); }
  /// JSON text of a response's result; empty in an error.
  [[nodiscard]] std::string_view result() const { return at(result_); }
  /// JSON text of a response's error; empty in a result.
  [[nodiscard]] std::string_view error() const { return at(error_); }
  /// JSON text of params._meta; empty when there is none.
  [[nodiscard]] std::string_view meta() const;
  /// A string among the params, decoded.
  [[nodiscard]] std::optional<std::string> text_param(std::string_view name) const;

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  struct part {
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  [[nodiscard]] std::string_view at(part where) const {
    return std::string_view(text_).substr(where.begin, where.size);
  }

  std::string text_;
  kind kind_ = kind::request;
  std::string method_;
  part id_;
  part params_;
  part result_;
  part error_;
};

/// `params`, `result`: JSON text. An empty `params` is left out.
[[nodiscard]] std::string request_text(std::string_view id, std::string_view method,
                                       std::string_view params = {});
[[nodiscard]] std::string notification_text(std::string_view method, std::string_view params = {});
[[nodiscard]] std::string result_text(std::string_view id, std::string_view result);
[[nodiscard]] std::string error_text(std::string_view id, const rpc_error& error);

/// What somebody has sent, fit to be told back in an error: not longer than a line, and UTF-8.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace workspaced::mcp

namespace boost::system {
/// `result<…, rpc_error>::value()` on an error.
[[noreturn]] void throw_exception_from_error(const workspaced::mcp::rpc_error& error, const source_location&);
}  // namespace boost::system
