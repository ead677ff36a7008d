// What we wrote where, remembered across restarts: an entry that says something else was changed by hand, one
// that says something older of ours was lost by another program's write. Kept in a private file, because the
// texts may hold our token.
#pragma once

#include "claude/failure.hpp"
#include "claude/registration.hpp"

#include <set>
#include <string>
#include <vector>

namespace workspaced::claude {

/// One entry that is or may be in a file because of us.
struct written_entry {
  std::string server;
  std::string program;  ///< "claude", "cursor"
  location where;
  json::path at;
  std::vector<std::string> texts;  ///< the last first
  bool begun = true;               ///< we mean to write it and do not know whether we ever did

  [[nodiscard]] bool is_at(const std::string& file, const json::path& path) const {
    return where.file == file && at == path;
  }
};

class ledger {
 public:
  /// Reads `file`; one that does not exist is empty. One that cannot be read is empty, too, and `problem()`
  /// says why: what was written before counts as never written then.
  explicit ledger(std::string file);

  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] const std::vector<written_entry>& entries() const { return entries_; }
  /// What we wrote there, the last first; empty as long as nothing is confirmed.
  [[nodiscard]] std::vector<std::string> texts(const std::string& file, const json::path& at) const;

  /// To be called and saved before the entry is written: one that is there unremembered would never be taken
  /// away.
  void remember(const written_entry& entry, const std::string& text);
  /// It was written, or was there: from now on another text is somebody's change.
  void confirm(const std::string& file, const json::path& at);
  void forget(const std::string& file, const json::path& at);

  /// Servers that are not told anyone, though the configuration wants it, because somebody asked for it.
  [[nodiscard]] const std::set<std::string>& withheld() const { return withheld_; }
  void withhold(const std::string& server);
  void release(const std::string& server);

  /// Writes the file if something has changed since.
  result<void> save();

 private:
  void read();

  std::string file_;
  std::string problem_;
  std::vector<written_entry> entries_;
  std::set<std::string> withheld_;
  bool changed_ = false;
};

}  // namespace workspaced::claude
