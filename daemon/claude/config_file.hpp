// The file as a whole: read at once, replaced at once. A reader sees the old text or the new one, never a
// part.
#pragma once

#include "claude/failure.hpp"

#include <sys/types.h>

#include <string>
#include <string_view>

namespace workspaced::claude {

struct config_file {
  std::string path;  ///< the file itself, symbolic links followed
  bool exists = false;
  std::string text;
  mode_t mode = 0600;
  uid_t owner = 0;
  gid_t group = 0;

  /// May others than the owner touch it?
  [[nodiscard]] bool shared() const { return (mode & 077U) != 0; }
};

/// Larger files are refused: reading one would hold the daemon up.
inline constexpr std::size_t max_config_size = 64U << 20U;

/// Reads what `path` leads to. A missing file is no failure; a symbolic link to one leads to where it would
/// be.
result<config_file> read_config(const std::string& path);

/// Takes all access from group and others.
result<void> make_private(const config_file& file);

/// The next version of a file, complete and on disk under a temporary name beside it. Removed unless
/// committed.
class pending_file {
 public:
  /// Writes `text` with `mode` and the owner of `next_to`. Fails rather than let the file change hands.
  static result<pending_file> write(const config_file& next_to, std::string_view text, mode_t mode);

  pending_file(pending_file&& other) noexcept;
  pending_file& operator=(pending_file&&) = delete;
  ~pending_file();

  /// Takes the place of the file.
  result<void> commit();

 private:
  pending_file(std::string temporary, std::string target);

  std::string temporary_;  ///< empty: nothing to remove
  std::string target_;
};

}  // namespace workspaced::claude
