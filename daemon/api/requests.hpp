// What clients send: bodies and queries, checked strictly. Every failure is a sentence for the client, and a
// 400.
#pragma once

#include "http/message.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::api {

struct bad_request {
  std::string message;
};

template <typename Value>
using result = boost::system::result<Value, bad_request>;

/// {"names": ["web", "db"]} or {"all": true}.
struct selection {
  bool all = false;
  std::vector<std::string> names;  ///< in the order of the request, each once; empty with `all`

  bool operator==(const selection&) const = default;
};
[[nodiscard]] result<selection> read_selection(std::string_view body);

/// {"names": ["fleet"], "force": true}, both optional; an empty body is an order for all.
struct registration_order {
  std::vector<std::string> names;  ///< empty: all
  bool force = false;

  bool operator==(const registration_order&) const = default;
};
[[nodiscard]] result<registration_order> read_registration_order(std::string_view body);

/// For requests that take no arguments: an empty body or an empty object.
[[nodiscard]] result<void> read_nothing(std::string_view body);

/// "?name", "?name=true" and "?name=1" are true; "false" and "0" are false, and so is its absence.
[[nodiscard]] result<bool> read_flag(const http::request& what, std::string_view name);

/// "?name=12", decimal, at most a million; `otherwise` when it is absent.
[[nodiscard]] result<std::uint32_t> read_count(const http::request& what, std::string_view name,
                                               std::uint32_t otherwise);

}  // namespace workspaced::api
