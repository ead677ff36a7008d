// Documents as text for people: pure functions from values to lines.
#pragma once

#include "core/snapshot.hpp"
#include "ctl/verdict.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::ctl {

struct style {
  bool colour = false;
  std::size_t columns = 80;
};

/// `text` without control characters, cut to `columns` with "…". A code point counts as one column.
[[nodiscard]] std::string fit(std::string_view text, std::size_t columns);

/// As `fit`, filled with blanks to exactly `columns`.
[[nodiscard]] std::string pad(std::string_view text, std::size_t columns);

/// "42s", "3m05s", "2h10m", "4d03h": at most six columns below a hundred days.
[[nodiscard]] std::string compact(core::duration value);

/// The table of `status` and its closing line; no line is longer than `style.columns` (at least 64).
[[nodiscard]] std::string status_table(const core::fleet_view& fleet, const style& how);

/// "3 of 4 required services are ready".
[[nodiscard]] std::string health_line(const core::fleet_view& fleet);

/// One line of progress, without newline: mark, name, state and reason.
[[nodiscard]] std::string progress_line(const core::service_view& service, std::size_t name_columns,
                                        const style& how);

/// Last log lines by service.
using log_tails = std::map<std::string, std::vector<std::string>>;

/// The answer of `why`: the service, what it waits for recursively, and `logs` at the end.
[[nodiscard]] std::string explanation(const core::fleet_view& fleet, const std::string& name,
                                      const log_tails& logs, const style& how);

/// What a verb that did not reach its goal says of each culprit: state and reason, probe and its answer, last
/// log lines. `verb_did` is the head line.
[[nodiscard]] std::string complaint(std::string_view head, const core::fleet_view& fleet,
                                    const std::vector<std::string>& culprits, const log_tails& logs);

/// The prefix of one service's log lines: "web    | ", in a colour of its own chosen by `index`.
[[nodiscard]] std::string log_prefix(std::string_view name, std::size_t name_columns, std::size_t index,
                                     const style& how);

/// NAME=value, a line each, of GET /v1/services/NAME/environment.
[[nodiscard]] std::string environment_text(std::string_view document);

/// The report of POST /v1/reload, a line for each kind of change; empty: there is none.
[[nodiscard]] std::string reload_changes(std::string_view document);
/// The same for people, who want to hear of no change too.
[[nodiscard]] std::string reload_text(std::string_view document, bool dry_run);

/// The document of GET /health: one line, and one for each required service that is not ready.
[[nodiscard]] std::string health_text(std::string_view document);

}  // namespace workspaced::ctl
