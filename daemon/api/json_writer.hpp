// JSON as text, written front to back. A hundred services are 90 kB, and `workspacectl status` waits for
// them: this takes a sixth of the time of building a document first (0.2 ms against 1.2).
#pragma once

#include "core/model.hpp"

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace workspaced::api {

/// The caller sees to it that every object and array is closed and every key has its value; commas come by
/// themselves.
class json_writer {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  /// For names that need no escapes. A service's may: `key_of_any`.
  void key(std::string_view name);
  void key_of_any(std::string_view name);

  /// Any bytes; what is not UTF-8 becomes U+FFFD.
  void value(std::string_view text);
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(const char* text) { value(std::string_view(text)); }
  void value(std::same_as<bool> auto flag) { raw(flag ? "true" : "false"); }
  void value(std::integral auto number) requires(!std::same_as<decltype(number), bool>) {
    raw(std::to_string(number));
  }
  /// Seconds with up to three decimals.
  void value(core::duration age);
  void null() { raw("null"); }

  template <typename Value>
  void value(const std::optional<Value>& maybe) {
    if (maybe) {
      value(*maybe);
    } else {
      null();
    }
  }

  template <typename Value>
  void member(std::string_view name, const Value& content) {
    key(name);
    value(content);
  }

  /// An array of strings.
  void list(std::string_view name, const std::vector<std::string>& items);

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();
  void raw(std::string_view text);
  void string(std::string_view text);

  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace workspaced::api
