// openapi.yaml and the table of routes name the same operations with the same access.
#include "api/routes.hpp"
#include "unit/api/fake_control.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <optional>
#include <string>

namespace workspaced::api {
namespace {

struct operation {
  std::string summary;
  std::string access;

  bool operator==(const operation&) const = default;
};
using operations = std::map<std::string, operation>;  // by "GET /health"

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

/// What follows `key` in a line that begins with it.
std::optional<std::string> after(const std::string& line, const std::string& key) {
  return line.starts_with(key) ? std::optional(line.substr(key.size())) : std::nullopt;
}

bool is_verb(const std::string& word) {
  return word == "get:" || word == "post:" || word == "put:" || word == "delete:";
}

/// The operations under `paths:`. The file keeps to one style: two spaces a level, summaries on one line.
operations of_document() {
  std::ifstream file(OPENAPI_FILE);
  EXPECT_TRUE(file) << OPENAPI_FILE;
  operations found;
  std::string line;
  std::string path;
  std::string key;
  bool inside = false;
  while (std::getline(file, line)) {
    if (!line.empty() && line[0] != ' ') inside = line == "paths:";
    if (!inside) continue;
    if (after(line, "  /")) path = line.substr(2, line.size() - 3);
    if (const auto word = after(line, "    "); word && is_verb(*word)) {
      key = upper(word->substr(0, word->size() - 1)) + " " + path;
      found[key] = {};
    }
    if (const auto text = after(line, "      summary: ")) found.at(key).summary = *text;
    if (const auto text = after(line, "      x-access: ")) found.at(key).access = *text;
  }
  return found;
}

operations of_table() {
  test::fake_control daemon;
  operations found;
  const auto access_name = [](http::access value) {
    return value == http::access::open ? "open" : value == http::access::read ? "read" : "admin";
  };
  for (const auto& each : routes(daemon, {}, {})) {
    const auto key = std::string(http::to_string(each.verb)) + " " + std::string(each.pattern);
    EXPECT_TRUE(found.emplace(key, operation{std::string(each.summary), access_name(each.needs)}).second)
        << key;
  }
  return found;
}

TEST(api_openapi, describes_exactly_the_routes) {
  const auto told = of_document();
  const auto real = of_table();
  for (const auto& [key, what] : real) {
    const auto place = told.find(key);
    ASSERT_NE(place, told.end()) << key << " is not in openapi.yaml";
    EXPECT_EQ(place->second.summary, what.summary) << key;
    EXPECT_EQ(place->second.access, what.access) << key;
  }
  for (const auto& [key, what] : told) EXPECT_TRUE(real.contains(key)) << key << " is no route";
}

}  // namespace
}  // namespace workspaced::api
