#include "state/instance.hpp"

#include "os/files.hpp"
#include "os/process_facts.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

namespace workspaced::state {
namespace {

constexpr std::size_t digits = 16;

bool is_name(const std::string& text) {
  return text.size() == digits &&
         std::all_of(text.begin(), text.end(), [](unsigned char each) { return std::isxdigit(each) != 0; });
}

}  // namespace

boost::system::result<std::string, std::string> instance_of(const std::string& directory) {
  using outcome = boost::system::result<std::string, std::string>;
  const std::string path = directory + "/instance";
  if (const auto text = os::read_whole(path, digits + 1)) {
    std::string name = text->substr(0, text->find('\n'));
    if (is_name(name)) return outcome(boost::system::in_place_value, std::move(name));
  }
  std::array<char, digits + 1> made{};
  std::snprintf(made.data(), made.size(), "%016llx", static_cast<unsigned long long>(os::random_seed()));
  const std::string name(made.data(), digits);
  if (const auto error = os::write_whole(path, name + "\n", 0600))
    return outcome(boost::system::in_place_error, "cannot write " + path + ": " + error.message());
  return outcome(boost::system::in_place_value, name);
}

}  // namespace workspaced::state
