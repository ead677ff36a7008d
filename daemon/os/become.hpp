// Becoming another program without ceasing to be this process: same number, same children.
#pragma once

#include "os/unique_fd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace workspaced::os {

/// The environment variable by which a program learns which descriptor was handed to it.
inline constexpr const char* handover = "WORKSPACED_HANDOVER";

/// execve(2), with all descriptors closed but 0, 1, 2 and `kept`, which is named in the environment. The
/// limit of descriptors is that with which we were started. Signals wait until `let_signals_through`. Returns
/// only when it fails, and then with errno.
[[nodiscard]] int become(const std::string& program, const std::vector<std::string>& argv,
                         std::vector<std::string> environment, const unique_fd& kept);

/// The descriptor that was handed over by the program that became us, if `text`, the variable's value, names
/// one.
[[nodiscard]] unique_fd handed_over(const std::string& text);

/// For whoever has its handlers in place.
void let_signals_through();

/// The file that we were started from, as it is named now: after somebody replaced it, the new one.
[[nodiscard]] std::string program_on_disk();

}  // namespace workspaced::os
