#include "logs/log_reader.hpp"

#include <utility>

namespace workspaced::logs {

log_reader::log_reader(std::shared_ptr<service_log> log, std::uint64_t position)
    : log_(std::move(log)), cursor_(log_->file(), position) {}

std::uint64_t log_reader::last(const service_log& log, std::uint64_t lines) {
  return start_of_last(log.file(), lines, longest_look_back);
}

std::string last_lines(const service_log& log, std::uint64_t lines, std::size_t max_bytes) {
  return last_lines(log.file(), lines, max_bytes);
}

}  // namespace workspaced::logs
