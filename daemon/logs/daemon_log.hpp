// The daemon's own log: one line per message, as text or as JSON, to stderr or to a rotated file.
//
//   2026-01-31T12:00:00.123Z info [web] starting -> ready: http 200
//   {"time":"2026-01-31T12:00:00.123Z","level":"info","service":"web","message":"starting -> ready: http
//   200"}
//
// Synchronous: no threads, nothing to flush. Before `open_daemon_log` it is text to stderr from `info` on.
#pragma once

#include "core/model.hpp"
#include "logs/failure.hpp"
#include "logs/log_file.hpp"

#include <string>
#include <string_view>

namespace workspaced::logs {

struct daemon_log_options {
  std::string file;  ///< absolute; empty: stderr
  rotation limits;
  core::log_level level = core::log_level::info;
  core::log_format format = core::log_format::text;
};

/// Where the daemon's messages go from now on. On failure they go where they went.
[[nodiscard]] result<void> open_daemon_log(const daemon_log_options& options);

/// Messages may hold any bytes; `service` is empty when none is concerned.
void log(core::log_level level, std::string_view message, std::string_view service = {});

inline void debug(std::string_view message, std::string_view service = {}) {
  log(core::log_level::debug, message, service);
}
inline void info(std::string_view message, std::string_view service = {}) {
  log(core::log_level::info, message, service);
}
inline void warning(std::string_view message, std::string_view service = {}) {
  log(core::log_level::warning, message, service);
}
inline void error(std::string_view message, std::string_view service = {}) {
  log(core::log_level::error, message, service);
}

}  // namespace workspaced::logs
