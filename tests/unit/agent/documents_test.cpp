#include "agent/documents.hpp"

#include "unit/api/fleets.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace workspaced::agent {
namespace {

using nlohmann::json;

core::fleet_view many(int count) {
  std::vector<core::service_view> services;
  for (int i = 0; i < count; ++i) {
    services.push_back(test::web());
    services.back().name = "service-" + std::to_string(1'000 + i);
  }
  services.back().state = core::status::failed;
  return test::fleet(services);
}

TEST(agent_documents, a_large_fleet_comes_in_pages) {
  const auto fleet = many(300);
  std::string after;
  std::size_t seen = 0;
  int pages = 0;
  for (json page; pages == 0 || !page["next_cursor"].is_null(); ++pages) {
    const std::string text = fleet_page(fleet, after, test::moment);
    EXPECT_LE(text.size(), longest_document);
    page = json::parse(text);
    EXPECT_EQ(page["healthy"], false) << "it speaks for all pages";
    seen += page["services"].size();
    if (!page["next_cursor"].is_null()) after = page["next_cursor"];
  }
  EXPECT_EQ(seen, 300U);
  EXPECT_GT(pages, 3);
}

TEST(agent_documents, and_so_does_its_health) {
  const auto fleet = many(1'000);
  const json first = json::parse(health_page(fleet, ""));
  EXPECT_EQ(first["status"], "unavailable");
  EXPECT_FALSE(first["services"].contains("service-1999"));
  const json last = json::parse(health_page(fleet, "service-1998"));
  EXPECT_EQ(last["services"].size(), 1U);
  EXPECT_EQ(last["next_cursor"], nullptr);
}

TEST(agent_documents, old_changes_are_forgotten_and_missed) {
  journal all;
  for (std::size_t i = 0; i < journal::most + 10; ++i)
    all.note({0, test::moment, "web", core::status::ready, core::status::backoff, "r", i});
  const cursors marks;
  const json got = json::parse(events_document(all, {3, "", 50}, marks));
  EXPECT_EQ(got["lost_events"], 7);
  EXPECT_EQ(got["events"][0]["run"], 10);
  EXPECT_EQ(got["events"].size(), 50U);
  EXPECT_EQ(json::parse(events_document(all, {{}, "", 50}, marks))["lost_events"], 0);
}

TEST(agent_documents, a_cursor_is_good_for_who_made_it) {
  const cursors mine;
  const cursors other;
  EXPECT_EQ(mine.read(mine.make(12'345'678'901)), 12'345'678'901U);
  for (const std::string& each : {other.make(1), std::string("1"), std::string(), mine.make(1) + "x"})
    EXPECT_FALSE(mine.read(each)) << each;
}

}  // namespace
}  // namespace workspaced::agent
