#include "mcp/server_call.hpp"

#include "json/edit.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace workspaced::mcp {
namespace {

constexpr std::array<std::string_view, 8> levels = {"debug", "info",     "notice", "warning",
                                                    "error", "critical", "alert",  "emergency"};

/// The raw value of a member; empty when there is none.
std::string_view value_of(std::string_view object, std::string_view name) {
  if (object.empty()) return {};
  const auto found = json::get_member(object, {std::string(name)});
  return found && *found ? **found : std::string_view();
}

std::string to_text(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

}  // namespace

std::string_view to_string(log_level level) { return levels[static_cast<std::size_t>(level)]; }

std::optional<log_level> log_level_from(std::string_view word) {
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i] == word) return static_cast<log_level>(i);
  }
  return std::nullopt;
}

call::call(incoming what, client who, std::shared_ptr<outlet> to)
    : what_(std::move(what)), who_(std::move(who)), to_(std::move(to)), arguments_("{}") {
  const std::string_view given = value_of(what_.message.params(), "arguments");
  if (!given.empty() && given != "null") arguments_ = given;
  const std::string_view token = value_of(what_.message.meta(), "progressToken");
  if (!token.empty() && (token[0] == '"' || token[0] == '-' || (token[0] >= '0' && token[0] <= '9')))
    progress_token_ = token;
}

std::string_view call::params() const {
  const std::string_view all = what_.message.params();
  return all.empty() ? "{}" : all;
}

std::optional<std::string> call::text(const std::string& name) const {
  return json::string_value(value_of(arguments_, name));
}

std::optional<double> call::number(const std::string& name) const {
  const std::string_view text = value_of(arguments_, name);
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> call::flag(const std::string& name) const {
  const std::string_view text = value_of(arguments_, name);
  if (text != "true" && text != "false") return std::nullopt;
  return text == "true";
}

void call::progress(double done, std::optional<double> total, std::string_view text) {
  if (!wants_progress()) return;
  std::string params = R"({"progressToken":)" + progress_token_ + R"(,"progress":)" + to_text(done);
  if (total) params += R"(,"total":)" + to_text(*total);
  if (!text.empty()) params += R"(,"message":)" + json::quote(text);
  to_->post(notification_text("notifications/progress", params + "}"));
}

void call::log(log_level level, std::string_view logger, std::string_view data) {
  if (!who_.log_from || level < *who_.log_from) return;
  std::string params = R"({"level":)" + json::quote(to_string(level));
  if (!logger.empty()) params += R"(,"logger":)" + json::quote(logger);
  to_->post(notification_text("notifications/message", params + R"(,"data":)" + std::string(data) + "}"));
}

std::string text_result(std::string_view text) {
  return R"({"content":[{"type":"text","text":)" + json::quote(text) + "}]}";
}

std::string structured_result(const std::string& document) {
  return R"({"content":[{"type":"text","text":)" + json::quote(document) + R"(}],"structuredContent":)" +
         document + "}";
}

std::string tool_error(std::string_view text) {
  return R"({"content":[{"type":"text","text":)" + json::quote(text) + R"(}],"isError":true})";
}

}  // namespace workspaced::mcp
