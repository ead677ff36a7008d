#include "core/dependency_graph.hpp"

#include <algorithm>

namespace workspaced::core {
namespace {

/// Depth-first: a name met again while it is still on the path closes a cycle.
class search {
 public:
  explicit search(const dependency_graph& graph) : graph_(graph) {}

  std::vector<std::vector<std::string>> run() && {
    for (const auto& [name, needs] : graph_) visit(name);
    return std::move(cycles_);
  }

 private:
  void visit(const std::string& name) {
    const auto on_path = std::find(path_.begin(), path_.end(), name);
    if (on_path != path_.end()) return close({on_path, path_.end()});
    if (!seen_.insert(name).second) return;
    const auto place = graph_.find(name);
    if (place == graph_.end()) return;
    path_.push_back(name);
    for (const std::string& other : place->second) visit(other);
    path_.pop_back();
  }

  void close(std::vector<std::string> cycle) {
    // One report for each knot: a second cycle through a name that is in one already says nothing new.
    const bool known =
        std::any_of(cycle.begin(), cycle.end(), [this](const auto& name) { return knotted_.contains(name); });
    if (known) return;
    knotted_.insert(cycle.begin(), cycle.end());
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    cycle.push_back(cycle.front());
    cycles_.push_back(std::move(cycle));
  }

  const dependency_graph& graph_;
  std::set<std::string> seen_;
  std::set<std::string> knotted_;
  std::vector<std::string> path_;
  std::vector<std::vector<std::string>> cycles_;
};

}  // namespace

std::vector<std::vector<std::string>> find_cycles(const dependency_graph& graph) {
  return search(graph).run();
}

}  // namespace workspaced::core
