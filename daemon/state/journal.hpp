// What is remembered of all services, in one file: `crc json` lines, of which the last one of a service is
// true.
//
// A line is appended with one write(2), so a daemon that is killed at any moment leaves whole lines, and
// after a power loss at any byte a torn one is told by its checksum. Nothing is synchronised to the disk:
// after a power loss no process is left of which anything would have to be known, and the first line says so
// (`epoch`).
#pragma once

#include "os/unique_fd.hpp"
#include "state/record.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace workspaced::state {

/// What a journal says.
struct memories {
  bool readable = false;  ///< it begins as a journal of a known format does
  std::string epoch;
  std::map<std::string, record> records;  ///< by service
  unsigned damaged = 0;                   ///< lines that are none; not the last one, which may be torn
};

/// Pure; total over any bytes.
[[nodiscard]] memories read_journal(std::string_view text);

class journal {
 public:
  /// `epoch` is written into the file, and what is remembered of another one is worth nothing. `complain` is
  /// told in a sentence what cannot be read or written.
  journal(std::string path, std::string epoch, std::function<void(const std::string&)> complain);

  /// What an earlier daemon left, and a new file that says the same. What cannot be read is set aside
  /// (`<path>.unreadable`) and told.
  [[nodiscard]] std::map<std::string, record> open();

  /// Remembers it, unless that would change nothing. A disk that takes nothing is told once and tried again
  /// later.
  void write(const record& what);
  void forget(const std::string& service);

  /// Nothing is left to be remembered: the end of a daemon that has stopped everything.
  void remove();

 private:
  void append(const std::string& text);
  void rewrite();
  void set_aside(const std::string& why);
  void failed(const std::string& what);

  std::string path_;
  std::string epoch_;
  std::function<void(const std::string&)> complain_;
  os::unique_fd file_;
  std::map<std::string, std::string> lines_;  ///< as they were last written, by service
  std::size_t size_ = 0;
  std::size_t needed_ = 0;  ///< what a file without old lines would take
  bool in_trouble_ = false;
};

}  // namespace workspaced::state
