#include "mcp/server_sessions.hpp"

#include "os/process_facts.hpp"

#include <algorithm>
#include <utility>

namespace workspaced::mcp {
namespace {

std::string fresh_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id;
  for (const char byte : os::random_bytes(16)) {
    id += digits[static_cast<unsigned char>(byte) >> 4U];
    id += digits[static_cast<unsigned char>(byte) & 15U];
  }
  return id;
}

void close_stream(const server_session& of) {
  if (const auto stream = of.stream.lock()) stream->end();
}

}  // namespace

std::shared_ptr<running> server_session::find_call(std::string_view call_id) const {
  const auto found = calls.find(call_id);
  return found == calls.end() ? nullptr : found->second.lock();
}

void server_session::remember(const std::string& call_id, const std::shared_ptr<running>& begun) {
  std::erase_if(calls, [](const auto& each) { return each.second.expired(); });
  calls[call_id] = begun;
}

server_session& server_sessions::open(time_point now) {
  std::erase_if(all_, [&](const auto& each) { return is_over(each.second, now); });
  if (all_.size() >= most_) {
    const auto oldest = std::min_element(all_.begin(), all_.end(), [](const auto& left, const auto& right) {
      return left.second.used < right.second.used;
    });
    close_stream(oldest->second);
    all_.erase(oldest);
  }
  std::string id = fresh_id();
  server_session& made = all_[id];
  made.id = std::move(id);
  made.used = now;
  return made;
}

server_session* server_sessions::find(std::string_view id, time_point now) {
  const auto place = all_.find(id);
  if (place == all_.end()) return nullptr;
  if (is_over(place->second, now)) {
    all_.erase(place);
    return nullptr;
  }
  place->second.used = now;
  return &place->second;
}

void server_sessions::end(std::string_view id) {
  const auto place = all_.find(id);
  if (place == all_.end()) return;
  close_stream(place->second);
  all_.erase(place);
}

bool server_sessions::is_over(const server_session& which, time_point now) const {
  return now - which.used > idle_ && which.stream.expired();
}

}  // namespace workspaced::mcp
