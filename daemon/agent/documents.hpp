// What the tools answer with: the documents of api/json, in pages, and a few more in the same words. Pure.
#pragma once

#include "agent/cursor.hpp"
#include "agent/journal.hpp"
#include "agent/log_page.hpp"
#include "api/json.hpp"
#include "core/snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace workspaced::agent {

/// Claude Code takes results of more than 50,000 characters out of the conversation.
inline constexpr std::size_t longest_document = 40'000;

/// api::fleet_document with the services after the one called `after`, as many as fit, and `next_cursor`: the
/// name of the last one, or null.
[[nodiscard]] std::string fleet_page(const core::fleet_view& fleet, const std::string& after,
                                     api::wall_time now);

/// api::health_document in the same way.
[[nodiscard]] std::string health_page(const core::fleet_view& fleet, const std::string& after);

[[nodiscard]] std::string log_document(const std::string& service, const log_page& page, const cursors& of);

struct event_question {
  std::optional<std::uint64_t> after;  ///< number of the last change that is known; empty: the latest ones
  std::string service;                 ///< empty: of all
  std::size_t most = 50;
};
[[nodiscard]] std::string events_document(const journal& all, const event_question& what, const cursors& of);

/// The schemas of these documents and of api::service_document.
extern const std::string_view fleet_schema;
extern const std::string_view service_schema;
extern const std::string_view health_schema;
extern const std::string_view log_schema;
extern const std::string_view events_schema;

}  // namespace workspaced::agent
