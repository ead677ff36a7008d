#include "door/sessions.hpp"

#include "os/process_facts.hpp"

#include <algorithm>
#include <utility>

namespace workspaced::door {
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

}  // namespace

std::shared_ptr<session> sessions::open(std::string hello, std::string version) {
  if (all_.size() >= most_) {
    all_.erase(std::min_element(all_.begin(), all_.end(), [](const auto& left, const auto& right) {
      return left.second->used < right.second->used;
    }));
  }
  auto made = std::make_shared<session>();
  made->id = fresh_id();
  made->version = std::move(version);
  made->server = std::make_shared<link>();
  made->server->hello = std::move(hello);
  made->used = std::chrono::steady_clock::now();
  all_.emplace(made->id, made);
  return made;
}

std::shared_ptr<session> sessions::find(std::string_view id) {
  const auto place = all_.find(id);
  if (place == all_.end()) return nullptr;
  place->second->used = std::chrono::steady_clock::now();
  return place->second;
}

}  // namespace workspaced::door
