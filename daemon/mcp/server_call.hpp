// One request of a client, as whoever answers it sees it.
#pragma once

#include "http/message.hpp"
#include "mcp/protocol.hpp"
#include "mcp/rules.hpp"
#include "mcp/server_outlet.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace workspaced::mcp {

/// Least first, as in RFC 5424.
enum class log_level { debug, info, notice, warning, error, critical, alert, emergency };
[[nodiscard]] std::string_view to_string(log_level level);
[[nodiscard]] std::optional<log_level> log_level_from(std::string_view word);

/// The JSON of a result, or an error of the protocol. A tool that cannot do what it was asked has no error
/// but a result that says so: `tool_error`.
using outcome = boost::system::result<std::string, rpc_error>;

class call {
 public:
  /// What is known of the client besides its request.
  struct client {
    http::access granted = http::access::open;
    std::string capabilities = "{}";    ///< JSON object
    std::optional<log_level> log_from;  ///< messages of lower levels are not sent; empty: none is
  };

  call(incoming what, client who, std::shared_ptr<outlet> to);

  [[nodiscard]] mcp::era era() const { return what_.era; }
  [[nodiscard]] http::access granted() const { return who_.granted; }
  /// JSON objects; "{}" when there is none.
  [[nodiscard]] std::string_view params() const;
  [[nodiscard]] std::string_view arguments() const { return arguments_; }
  [[nodiscard]] std::string_view capabilities() const { return who_.capabilities; }

  /// An argument, decoded; nothing when it is absent or of another type.
  [[nodiscard]] std::optional<std::string> text(const std::string& name) const;
  [[nodiscard]] std::optional<double> number(const std::string& name) const;
  [[nodiscard]] std::optional<bool> flag(const std::string& name) const;

  /// The client wants to hear how far it is.
  [[nodiscard]] bool wants_progress() const { return !progress_token_.empty(); }
  void progress(double done, std::optional<double> total = {}, std::string_view text = {});
  /// `data`: JSON.
  void log(log_level level, std::string_view logger, std::string_view data);

  /// Of the resource template that the URI fits: "id" -> "123".
  http::header_list parameters;

 private:
  incoming what_;
  client who_;
  std::shared_ptr<outlet> to_;
  std::string arguments_;
  std::string progress_token_;  // JSON; empty: none
};

/// Answers a request. Cancelled (all types) when the client takes it back. The call lives until it returns.
using handler = std::function<boost::asio::awaitable<outcome>(call&)>;

/// A result of text alone.
[[nodiscard]] std::string text_result(std::string_view text);
/// A result of a JSON object, as it is and as text.
[[nodiscard]] std::string structured_result(const std::string& document);
/// A result that says why the tool did not do what it was asked.
[[nodiscard]] std::string tool_error(std::string_view text);

}  // namespace workspaced::mcp
