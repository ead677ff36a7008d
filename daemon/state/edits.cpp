#include "state/edits.hpp"

#include "os/files.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <exception>

namespace workspaced::state {
namespace {

using nlohmann::json;

constexpr std::size_t largest = 16 << 20;

}  // namespace

edits load_edits(const std::string& file, const std::string& epoch) {
  const auto text = os::read_whole(file, largest);
  if (!text) return {};
  try {
    const json document = json::parse(*text);
    if (document.at("epoch") != epoch) return {};
    edits all;
    document.at("added").get_to(all.added);
    document.at("removed").get_to(all.removed);
    return all;
  } catch (const std::exception&) {
    return {};
  }
}

boost::system::error_code save_edits(const std::string& file, const std::string& epoch, const edits& all) {
  if (all.empty()) {
    ::unlink(file.c_str());
    return {};
  }
  const json document = {{"epoch", epoch}, {"added", all.added}, {"removed", all.removed}};
  // What is added may hold secrets.
  return os::write_whole(file, document.dump() + "\n", 0600);
}

}  // namespace workspaced::state
