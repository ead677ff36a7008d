// Files that must be whole, private or held by one process only.
#pragma once

#include "os/unique_fd.hpp"

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <sys/types.h>

#include <string>
#include <string_view>

namespace workspaced::os {

/// mkdir -p; directories that are made get `mode`. Existing ones are left as they are.
[[nodiscard]] boost::system::error_code make_directories(const std::string& path, mode_t mode);

/// The file has either the old content or all of the new one, also after a power loss: temporary file in the
/// same directory, fsync, rename, fsync of the directory.
[[nodiscard]] boost::system::error_code write_whole(const std::string& path, std::string_view content,
                                                    mode_t mode);

/// All of a file; fails beyond `limit` bytes with EFBIG.
[[nodiscard]] boost::system::result<std::string> read_whole(const std::string& path, std::size_t limit);

/// Holds <directory>/lock for the life of this object (flock: gone with the process, however it ends). Fails
/// with a sentence that says who holds it; one who has died may have left a copy to a child for a moment,
/// which is waited for (2 s at most). `held`, if it is this lock, is taken as it is.
[[nodiscard]] boost::system::result<unique_fd, std::string> lock_directory(const std::string& directory,
                                                                           unique_fd held = {});

struct pipe_ends {
  unique_fd reading;
  unique_fd writing;
};

/// A pipe, closed on exec.
[[nodiscard]] boost::system::result<pipe_ends> make_pipe();

}  // namespace workspaced::os
