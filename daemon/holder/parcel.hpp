// What the daemon and the holder say to each other: a word, a name and descriptors, in one packet of a Unix
// socket (SOCK_SEQPACKET). A holder may be older than the daemon that speaks to it, so this does not change.
#pragma once

#include "os/unique_fd.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::holder {

/// `keep NAME` with descriptors: hold them, instead of those that had the name.
/// `drop NAME`: close them. `settle`: close all that were not named since the connection was made.
/// `end`: leave.
inline constexpr std::string_view keep_word = "keep";
inline constexpr std::string_view drop_word = "drop";
inline constexpr std::string_view settle_word = "settle";
inline constexpr std::string_view end_word = "end";

struct parcel {
  std::string word;
  std::string name;
  std::vector<os::unique_fd> descriptors;
};

/// The descriptors are held by the socket from then on, even before anybody has received them. False when it
/// did not go out; waits for room for a moment, when there is none.
[[nodiscard]] bool send(int socket, std::string_view word, std::string_view name,
                        const std::vector<int>& descriptors);

/// The next one; nothing when there is none, or the other end is gone (`closed` is set then).
[[nodiscard]] std::optional<parcel> receive(int socket, bool& closed);

struct ends {
  os::unique_fd ours;
  os::unique_fd theirs;
};
[[nodiscard]] std::optional<ends> make_pair();

/// Both reach a socket by its directory, because a path may be longer than an address (unix(7): 108 bytes).
/// Listening replaces what is there.
[[nodiscard]] os::unique_fd listen(const std::string& path);
[[nodiscard]] os::unique_fd connect(const std::string& path);

}  // namespace workspaced::holder
