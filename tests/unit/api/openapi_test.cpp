// openapi.yaml and the table of routes name the same operations with the same access.
#include "api/routes.hpp"
#include "unit/api/fake_control.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>

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

/// The operations under `paths:`. The file keeps to one style: two spaces a level, summaries on one line.
operations of_document() {
  std::ifstream file(OPENAPI_FILE);
  EXPECT_TRUE(file) << OPENAPI_FILE;
  static const std::regex path_line(R"(  (/\S*):)");
  static const std::regex verb_line(R"(    (get|post|put|delete):)");
  static const std::regex summary_line(R"(      summary: (.*))");
  static const std::regex access_line(R"(      x-access: (\w+))");
  operations found;
  std::string line;
  std::string path;
  std::string key;
  bool inside = false;
  std::smatch parts;
  while (std::getline(file, line)) {
    if (!line.empty() && line[0] != ' ') inside = line == "paths:";
    if (!inside) continue;
    if (std::regex_match(line, parts, path_line)) path = parts[1];
    if (std::regex_match(line, parts, verb_line)) found[key = upper(parts[1]) + " " + path];
    if (std::regex_match(line, parts, summary_line)) found.at(key).summary = parts[1];
    if (std::regex_match(line, parts, access_line)) found.at(key).access = parts[1];
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
