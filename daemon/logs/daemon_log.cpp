#include "logs/daemon_log.hpp"

#include "logs/printable.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <utility>

namespace workspaced::logs {
namespace {

/// Rotation, names and a full disk are the same as for the services' logs.
class file_sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit file_sink(log_file file) : file_(std::move(file)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    file_.look();
    file_.write({line.data(), line.size()});
  }
  void flush_() override {}

  log_file file_;
};

spdlog::level::level_enum as_spdlog(core::log_level level) {
  switch (level) {
    case core::log_level::trace: return spdlog::level::trace;
    case core::log_level::debug: return spdlog::level::debug;
    case core::log_level::info: return spdlog::level::info;
    case core::log_level::warning: return spdlog::level::warn;
    case core::log_level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

struct daemon_log {
  std::unique_ptr<spdlog::logger> logger;
  core::log_format format = core::log_format::text;
};

daemon_log make_log(spdlog::sink_ptr sink, core::log_level level, core::log_format format) {
  const std::string pattern = format == core::log_format::json
                                  ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                  : "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
  auto logger = std::make_unique<spdlog::logger>("workspaced", std::move(sink));
  logger->set_level(as_spdlog(level));
  logger->set_formatter(
      std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc, "\n"));
  return {std::move(logger), format};
}

daemon_log& current() {
  static daemon_log log = make_log(std::make_shared<spdlog::sinks::stderr_sink_st>(), core::log_level::info,
                                   core::log_format::text);
  return log;
}

std::string payload(core::log_format format, std::string_view message, std::string_view service) {
  if (format == core::log_format::json) {
    const std::string about = service.empty() ? "" : "\"service\":\"" + json_escaped(service) + "\",";
    return about + "\"message\":\"" + json_escaped(message) + "\"";
  }
  const std::string about = service.empty() ? "" : "[" + one_line(service) + "] ";
  return about + one_line(message);
}

}  // namespace

result<void> open_daemon_log(const daemon_log_options& options) {
  spdlog::sink_ptr sink;
  if (options.file.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
  } else {
    auto file = log_file::open(options.file, options.limits);
    if (!file) return file.error();
    sink = std::make_shared<file_sink>(std::move(*file));
  }
  current() = make_log(std::move(sink), options.level, options.format);
  return {};
}

void log(core::log_level level, std::string_view message, std::string_view service) {
  daemon_log& to = current();
  if (!to.logger->should_log(as_spdlog(level))) return;
  const std::string line = payload(to.format, message, service);
  to.logger->log(as_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace workspaced::logs
