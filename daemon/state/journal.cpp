#include "state/journal.hpp"

#include "os/files.hpp"

#include <boost/crc.hpp>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <utility>

namespace workspaced::state {
namespace {

using nlohmann::json;

constexpr int format = 1;
constexpr std::size_t most_bytes = 256U * 1024 * 1024;
// Old lines are dropped when they are most of the file, and worth the work.
constexpr std::size_t slack = 512 * 1024;
constexpr std::size_t most_growth = 4;
constexpr std::size_t checksum_digits = 8;

std::uint32_t checksum(std::string_view text) {
  boost::crc_32_type crc;
  crc.process_bytes(text.data(), text.size());
  return crc.checksum();
}

std::string as_line(const std::string& text) {
  std::array<char, checksum_digits + 2> sum{};
  std::snprintf(sum.data(), sum.size(), "%08x ", checksum(text));
  return std::string(sum.data(), checksum_digits + 1) + text + "\n";
}

/// The text of a line whose checksum is right.
std::optional<std::string_view> text_of(std::string_view line) {
  if (line.size() <= checksum_digits || line[checksum_digits] != ' ') return std::nullopt;
  std::uint32_t sum = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + checksum_digits, sum, 16);
  const std::string_view text = line.substr(checksum_digits + 1);
  if (error != std::errc() || end != line.data() + checksum_digits || checksum(text) != sum)
    return std::nullopt;
  return text;
}

std::string header(const std::string& epoch) { return json{{"format", format}, {"epoch", epoch}}.dump(); }

void read_header(std::string_view text, memories& into) {
  const json from = json::parse(text, nullptr, false);
  if (!from.is_object() || !from.contains("format") || from["format"] != format) return;
  const auto epoch = from.find("epoch");
  if (epoch == from.end() || !epoch->is_string()) return;
  into.epoch = epoch->get<std::string>();
  into.readable = true;
}

/// `{"gone": "name"}`: nothing of that service is remembered any more.
std::optional<std::string> gone_in(std::string_view text) {
  if (!text.starts_with(R"({"gone":)")) return std::nullopt;
  const json from = json::parse(text, nullptr, false);
  if (!from.is_object() || !from["gone"].is_string()) return std::nullopt;
  return from["gone"].get<std::string>();
}

bool take_line(std::string_view line, memories& into) {
  const auto text = text_of(line);
  if (!text) return false;
  if (const auto gone = gone_in(*text)) {
    into.records.erase(*gone);
    return true;
  }
  auto one = from_text(*text);
  if (!one) return false;
  std::string name = one->service;
  into.records.insert_or_assign(std::move(name), std::move(*one));
  return true;
}

}  // namespace

memories read_journal(std::string_view text) {
  memories all;
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;  // torn: what it would have said had not come about
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (std::exchange(first, false)) {
      if (const auto said = text_of(line)) read_header(*said, all);
      if (!all.readable) return all;
    } else if (!take_line(line, all)) {
      ++all.damaged;
    }
  }
  return all;
}

journal::journal(std::string path, std::string epoch, std::function<void(const std::string&)> complain)
    : path_(std::move(path)), epoch_(std::move(epoch)), complain_(std::move(complain)) {}

std::map<std::string, record> journal::open() {
  memories found;
  const auto text = os::read_whole(path_, most_bytes);
  if (text && !text->empty()) {
    found = read_journal(*text);
    if (!found.readable) {
      set_aside(
          "it is not a journal of this program's format; the services that run are found by their marks, "
          "their counters begin anew");
    } else if (found.damaged > 0) {
      set_aside(std::to_string(found.damaged) +
                " of its lines are damaged; what the others say is taken for true");
    }
  } else if (!text && text.error() != boost::system::errc::no_such_file_or_directory) {
    set_aside(text.error().message());
  }
  if (found.epoch != epoch_) found.records.clear();
  for (const auto& [name, each] : found.records) lines_[name] = as_line(to_text(each));
  rewrite();
  return std::move(found.records);
}

void journal::write(const record& what) {
  std::string line = as_line(to_text(what));
  std::string& known = lines_[what.service];
  if (known == line) return;
  needed_ += line.size();
  needed_ -= known.size();
  known = std::move(line);
  append(known);
}

void journal::forget(const std::string& service) {
  const auto place = lines_.find(service);
  if (place == lines_.end()) return;
  needed_ -= place->second.size();
  lines_.erase(place);
  append(as_line(json{{"gone", service}}.dump()));
}

void journal::remove() {
  file_.reset();
  lines_.clear();
  ::unlink(path_.c_str());
}

void journal::append(const std::string& text) {
  if (!file_ || size_ + text.size() > slack + most_growth * needed_) return rewrite();
  const ssize_t written = ::write(file_.get(), text.data(), text.size());
  if (written == static_cast<ssize_t>(text.size())) {
    size_ += text.size();
    return;
  }
  failed(written < 0 ? std::strerror(errno) : "the disk is full");
  file_.reset();  // it may end in the middle of a line: the next one begins a new file
}

/// A new file takes the place of the old one at once. Nothing waits for the disk (see above).
void journal::rewrite() {
  std::string all = as_line(header(epoch_));
  for (const auto& [name, line] : lines_) all += line;
  const std::string next = path_ + ".new";
  os::unique_fd file(
      ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return failed(std::strerror(errno));
  const ssize_t written = ::write(file.get(), all.data(), all.size());
  if (written != static_cast<ssize_t>(all.size()))
    return failed(written < 0 ? std::strerror(errno) : "the disk is full");
  if (::rename(next.c_str(), path_.c_str()) != 0) return failed(std::strerror(errno));
  file_ = std::move(file);
  size_ = needed_ = all.size();
  in_trouble_ = false;
}

void journal::set_aside(const std::string& why) {
  const std::string aside = path_ + ".unreadable";
  const bool moved = ::rename(path_.c_str(), aside.c_str()) == 0;
  complain_("cannot read all of " + path_ + (moved ? " (now " + aside + "): " : ": ") + why);
}

void journal::failed(const std::string& what) {
  if (std::exchange(in_trouble_, true)) return;
  complain_("cannot write " + path_ + ": " + what +
            "; services run on, but a daemon that took over now would not know all of them. Tried again with "
            "every change");
}

}  // namespace workspaced::state
