// Who needs whom, as names. Pure, for any graph.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace workspaced::core {

/// Name -> the names that it needs. Names that are needed but are no keys are taken as needing nothing.
using dependency_graph = std::map<std::string, std::set<std::string>>;

/// One cycle for each group of names that need each other, as a path that ends where it began ("a", "b",
/// "a"), starting with the smallest name. Empty: the graph can be ordered.
[[nodiscard]] std::vector<std::vector<std::string>> find_cycles(const dependency_graph& graph);

}  // namespace workspaced::core
