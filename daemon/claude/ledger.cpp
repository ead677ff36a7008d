#include "claude/ledger.hpp"

#include "os/files.hpp"

#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

namespace workspaced::claude {
namespace {

using document = nlohmann::ordered_json;

constexpr std::size_t max_size = 4U << 20U;
constexpr std::size_t most_texts = 8;  // of one entry: a lost write brings back a recent one

constexpr std::array protections = {"locked", "private", "shared"};  // as enum protection

std::size_t protection_from(const std::string& word) {
  const auto* const place = std::find(protections.begin(), protections.end(), word);
  return static_cast<std::size_t>(place - protections.begin()) % protections.size();
}

document to_document(const written_entry& entry) {
  return {{"server", entry.server},
          {"program", entry.program},
          {"file", entry.where.file},
          {"older_file", entry.where.older_file},
          {"protection", protections[static_cast<std::size_t>(entry.where.protection)]},
          {"at", entry.at},
          {"texts", entry.texts},
          {"begun", entry.begun}};
}

/// Throws what nlohmann throws when a member is missing or of another type.
written_entry from_document(const document& from) {
  written_entry entry;
  entry.server = from.at("server").get<std::string>();
  entry.program = from.at("program").get<std::string>();
  entry.where.file = from.at("file").get<std::string>();
  entry.where.older_file = from.at("older_file").get<std::string>();
  entry.where.protection = static_cast<protection>(protection_from(from.at("protection").get<std::string>()));
  entry.at = from.at("at").get<json::path>();
  entry.texts = from.at("texts").get<std::vector<std::string>>();
  entry.begun = from.at("begun").get<bool>();
  return entry;
}

}  // namespace

ledger::ledger(std::string file) : file_(std::move(file)) { read(); }

void ledger::read() {
  struct stat facts {};
  if (::stat(file_.c_str(), &facts) != 0 && errno == ENOENT) return;
  const auto text = os::read_whole(file_, max_size);
  if (!text) {
    problem_ = "cannot read " + file_ + ": " + text.error().message();
    return;
  }
  try {
    const auto whole = document::parse(*text);
    for (const auto& each : whole.at("entries")) entries_.push_back(from_document(each));
    for (const auto& each : whole.at("withheld")) withheld_.insert(each.get<std::string>());
  } catch (const document::exception&) {
    entries_.clear();
    withheld_.clear();
    problem_ = "cannot read " + file_ + ": it is not what we wrote; it is made anew";
  }
}

std::vector<std::string> ledger::texts(const std::string& file, const json::path& at) const {
  for (const written_entry& entry : entries_) {
    if (entry.is_at(file, at) && !entry.begun) return entry.texts;
  }
  return {};
}

void ledger::remember(const written_entry& entry, const std::string& text) {
  auto place = std::find_if(entries_.begin(), entries_.end(), [&entry](const written_entry& other) {
    return other.is_at(entry.where.file, entry.at);
  });
  if (place == entries_.end()) place = entries_.insert(entries_.end(), entry);
  auto& texts = place->texts;
  if (!texts.empty() && texts.front() == text) return;
  std::erase(texts, text);
  texts.insert(texts.begin(), text);
  texts.resize(std::min(texts.size(), most_texts));
  changed_ = true;
}

void ledger::confirm(const std::string& file, const json::path& at) {
  for (written_entry& entry : entries_) {
    if (entry.is_at(file, at)) changed_ |= std::exchange(entry.begun, false);
  }
}

void ledger::forget(const std::string& file, const json::path& at) {
  changed_ |= std::erase_if(entries_, [&](const written_entry& each) { return each.is_at(file, at); }) > 0;
}

void ledger::withhold(const std::string& server) { changed_ |= withheld_.insert(server).second; }

void ledger::release(const std::string& server) { changed_ |= withheld_.erase(server) > 0; }

result<void> ledger::save() {
  if (!changed_) return {};
  document whole = {{"version", 1}, {"withheld", withheld_}, {"entries", document::array()}};
  for (const written_entry& each : entries_) whole["entries"].push_back(to_document(each));
  const std::string text = whole.dump(2, ' ', false, document::error_handler_t::replace) + "\n";
  const auto error = os::write_whole(file_, text, 0600);
  if (error) return failure("write " + file_, error.message());
  changed_ = false;
  return {};
}

}  // namespace workspaced::claude
