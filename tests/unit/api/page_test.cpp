#include "api/page.hpp"

#include <gtest/gtest.h>

namespace workspaced::api {
namespace {

core::fleet_view fleet_of(core::status state, std::string name, std::string reason) {
  core::fleet_view fleet;
  core::service_view service;
  service.name = std::move(name);
  service.state = state;
  service.reason = std::move(reason);
  fleet.services.push_back(std::move(service));
  return fleet;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(api_page, escapes_what_would_be_markup) {
  EXPECT_EQ(escape_html("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&#39;");
  EXPECT_EQ(escape_html(""), "");
}

TEST(api_page, has_a_row_for_each_service) {
  const std::string page = page_document(fleet_of(core::status::backoff, "web", "exit code 3"));
  EXPECT_TRUE(contains(page, "data-name=\"web\""));
  EXPECT_TRUE(contains(page, "class=\"state busy\""));
  EXPECT_TRUE(contains(page, "</span>backoff</td>"));
  EXPECT_TRUE(contains(page, ">exit code 3</td>"));
  EXPECT_TRUE(contains(page, "not every required service is ready"));
  EXPECT_FALSE(contains(page, "optional"));
}

TEST(api_page, what_a_service_is_called_and_says_is_never_markup) {
  const std::string evil = "\"><script>alert(1)</script>";
  const std::string page = page_document(fleet_of(core::status::ready, evil, evil));
  EXPECT_FALSE(contains(page, "<script>alert"));
  EXPECT_TRUE(contains(page, "data-name=\"&quot;&gt;&lt;script&gt;"));
}

TEST(api_page, without_services_everything_is_ready) {
  EXPECT_TRUE(contains(page_document({}), "class=\"good\">every required service is ready"));
}

}  // namespace
}  // namespace workspaced::api
