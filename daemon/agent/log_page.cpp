#include "agent/log_page.hpp"

#include "logs/log_cursor.hpp"

#include <algorithm>
#include <cctype>
#include <deque>
#include <limits>
#include <string_view>

namespace workspaced::agent {
namespace {

constexpr std::size_t piece = 64 * 1024;

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

bool contains(std::string_view line, std::string_view text) {
  return std::search(line.begin(), line.end(), text.begin(), text.end(), same_letter) != line.end();
}

/// Without the sequences that colour a terminal (ECMA-48, CSI).
std::string plain(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\x1b' || i + 1 >= line.size() || line[i + 1] != '[') {
      out += line[i];
      continue;
    }
    i += 2;
    while (i < line.size() && (line[i] < '@' || line[i] > '~')) ++i;
  }
  while (out.ends_with('\r')) out.pop_back();
  return out;
}

/// Bytes of a line in a JSON document.
std::size_t cost_of(std::string_view line) {
  std::size_t cost = 3;  // quotes and a comma
  for (const char c : line) cost += c == '"' || c == '\\' ? 2 : static_cast<unsigned char>(c) < 0x20 ? 6 : 1;
  return cost;
}

std::string shortened(std::string line) {
  if (line.size() <= longest_line) return line;
  const std::size_t rest = line.size() - longest_line;
  line.resize(longest_line);
  return line + " [" + std::to_string(rest) + " bytes more]";
}

/// The lines of a page: the first ones that fit, or the last.
class collector {
 public:
  explicit collector(const log_question& what) : what_(what) {}

  /// False when the page is full; then the line is not taken.
  bool take(std::string_view raw) {
    std::string line = plain(raw);
    if (!contains(line, what_.containing)) return true;
    line = shortened(std::move(line));
    if (what_.from && !fits(line)) return false;
    bytes_ += cost_of(line);
    lines_.push_back(std::move(line));
    while (lines_.size() > what_.lines || (bytes_ > most_bytes && lines_.size() > 1)) {
      bytes_ -= cost_of(lines_.front());
      lines_.pop_front();
    }
    return true;
  }

  [[nodiscard]] std::vector<std::string> lines() const { return {lines_.begin(), lines_.end()}; }

 private:
  [[nodiscard]] bool fits(const std::string& line) const {
    return lines_.empty() || (lines_.size() < what_.lines && bytes_ + cost_of(line) <= most_bytes);
  }

  const log_question& what_;
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0;
};

std::uint64_t start_of(const logs::log_file& log, const log_question& what) {
  if (what.from) return std::min(*what.from, log.end());
  const std::uint64_t lines =
      what.containing.empty() ? what.lines : std::numeric_limits<std::uint64_t>::max();
  return logs::start_of_last(log, lines, longest_scan);
}

}  // namespace

log_page read_log(const logs::log_file& log, const log_question& what) {
  log_page page;
  collector found(what);
  page.next = start_of(log, what);
  logs::log_cursor cursor(log, page.next);
  std::string held;  // from page.next on
  std::uint64_t scanned = 0;
  for (;;) {
    const logs::log_piece got = scanned < longest_scan ? cursor.read(piece) : logs::log_piece();
    if (got.lost > 0) {
      page.lost += got.lost;
      page.next = cursor.position() - got.text.size();
      held.clear();
    }
    if (got.text.empty()) break;
    scanned += got.text.size();
    held += got.text;
    std::size_t begin = 0;
    for (auto end = held.find('\n'); end != std::string::npos; end = held.find('\n', begin)) {
      if (!found.take(std::string_view(held).substr(begin, end - begin))) {
        page.more = true;
        page.lines = found.lines();
        page.next += begin;
        return page;
      }
      begin = end + 1;
    }
    page.next += begin;
    held.erase(0, begin);
  }
  const bool at_end = cursor.position() >= log.end();
  const bool taken = held.empty() || found.take(held);
  // A line that is longer than one look would never be passed if it had to be whole.
  if (taken && !at_end) page.next += held.size();
  page.more = !taken || !at_end;
  page.lines = found.lines();
  return page;
}

}  // namespace workspaced::agent
