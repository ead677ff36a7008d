#include "agent/cursor.hpp"

#include "os/process_facts.hpp"

#include <charconv>

namespace workspaced::agent {

cursors::cursors() {
  for (const char byte : os::random_bytes(4)) tag_ += static_cast<char>('a' + (byte & 15));
}

std::string cursors::make(std::uint64_t position) const { return tag_ + std::to_string(position); }

std::optional<std::uint64_t> cursors::read(std::string_view text) const {
  if (!text.starts_with(tag_)) return std::nullopt;
  text.remove_prefix(tag_.size());
  std::uint64_t position = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), position);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return position;
}

}  // namespace workspaced::agent
