#include "core/process_tree.hpp"

#include <algorithm>

namespace workspaced::core {

std::vector<process_row> members_of(const std::vector<process_row>& all, const run_traces& run) {
  std::set<int> inside;
  std::set<int> sessions;
  if (run.leader != 0) sessions.insert(run.leader);
  for (const process_row& each : all) {
    const bool known = std::any_of(run.known.begin(), run.known.end(), [&each](const process_row& before) {
      return before.pid == each.pid && before.started == each.started;
    });
    if (known || run.marked.contains(each.pid)) inside.insert(each.pid);
  }
  for (bool grew = true; grew;) {
    grew = false;
    for (const process_row& each : all) {
      const bool member =
          inside.contains(each.pid) || inside.contains(each.parent) || sessions.contains(each.session);
      if (!member) continue;
      grew |= inside.insert(each.pid).second;
      grew |= sessions.insert(each.session).second;
    }
  }
  std::vector<process_row> members;
  std::copy_if(all.begin(), all.end(), std::back_inserter(members),
               [&inside](const process_row& each) { return inside.contains(each.pid); });
  return members;
}

}  // namespace workspaced::core
