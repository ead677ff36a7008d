// Everything that can be wrong with a workspace, one thing at a time, and what doctor is to say of it.
#pragma once

#include "ctl/doctor/finding.hpp"

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace workspaced::test {

using change = std::function<void(ctl::doctor::facts&)>;

struct ailment {
  std::string name;   ///< of the test
  std::string check;  ///< that finds it
  change happens;
  ctl::doctor::level found;
  std::string seen;  ///< part of what it says
  std::string fix;   ///< part of what to do
};

inline void PrintTo(const ailment& what, std::ostream* out) { *out << what.check << ": " << what.name; }

void no_daemon_runs(ctl::doctor::facts& seen);

[[nodiscard]] std::vector<ailment> all_ailments();

}  // namespace workspaced::test
