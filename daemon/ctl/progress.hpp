// How services come up or go down, while somebody watches: lines redrawn in place on a terminal, one line for
// each change otherwise, nothing with --json.
#pragma once

#include "core/snapshot.hpp"
#include "ctl/console.hpp"
#include "ctl/transport.hpp"

#include <map>
#include <string>
#include <vector>

namespace workspaced::ctl {

class progress {
 public:
  enum class mode { live, lines, silent };

  progress(console& target, mode how) : console_(target), mode_(how) {}

  /// `names` of the fleet are shown; an empty list shows all.
  void show(const core::fleet_view& fleet, const std::vector<std::string>& names, clock::time_point now);

  /// Time has passed: on a terminal the ages are drawn anew.
  void tick(clock::time_point now);

 private:
  struct entry {
    core::service_view view;
    clock::time_point since;  // of its state
  };
  void draw(clock::time_point now);
  void tell(const entry& changed, bool first);

  console& console_;
  mode mode_;
  std::map<std::string, entry> entries_;
  std::size_t drawn_ = 0;  // lines above the cursor that are ours
};

}  // namespace workspaced::ctl
