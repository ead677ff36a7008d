#include "door/knowledge.hpp"

#include "json/edit.hpp"
#include "mcp/rules.hpp"

#include <gtest/gtest.h>

namespace workspaced::door {
namespace {

using mcp::era;

constexpr const char* hello =
    R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":false},"logging":{}},)"
    R"("serverInfo":{"name":"Fleet","version":"0.2.0"},"instructions":"be \"kind\""})";

std::string at(std::string_view object, const json::path& along) {
  const auto found = json::get_member(object, along);
  return found && *found ? std::string(**found) : "";
}

knowledge fleet() {
  knowledge known;
  known.learn(*identity_of_initialize(hello));
  known.learn("tools/list",
              R"([{"name":"look","annotations":{"readOnlyHint":true}},{"name":"deed"},)"
              R"({"name":"again","annotations":{"readOnlyHint":false,"idempotentHint":true}}])");
  return known;
}

TEST(door_knowledge, of_nobody_is_an_empty_server_that_may_become_anything) {
  const knowledge nobody;
  EXPECT_FALSE(nobody.known());
  const std::string result = nobody.initialize_result("2025-11-25", "fleet");
  EXPECT_EQ(at(result, {"protocolVersion"}), "\"2025-11-25\"");
  EXPECT_EQ(at(result, {"serverInfo", "name"}), "\"fleet\"");
  for (const char* each : {"tools", "prompts", "resources"})
    EXPECT_EQ(at(result, {"capabilities", each, "listChanged"}), "true") << each;
  for (const list_kind& kind : list_kinds)
    EXPECT_EQ(nobody.list_result(kind, era::legacy), "{\"" + std::string(kind.member) + "\":[]}");
}

TEST(door_knowledge, answers_as_the_server_did_and_promises_to_tell_changes) {
  const knowledge known = fleet();
  const std::string result = known.initialize_result("2025-06-18", "fleet");
  EXPECT_EQ(at(result, {"serverInfo"}), R"({"name":"Fleet","version":"0.2.0"})");
  EXPECT_EQ(at(result, {"instructions"}), R"("be \"kind\"")");
  EXPECT_EQ(at(result, {"capabilities"}), R"({"tools":{"listChanged":true},"logging":{}})");
  EXPECT_EQ(known.title(), "Fleet 0.2.0");
  EXPECT_EQ(known.tools(), 3U);
  EXPECT_FALSE(known.has_capability("prompts"));
  EXPECT_FALSE(known.announces());
}

TEST(door_knowledge, agrees_to_no_version_that_the_server_does_not_speak) {
  const knowledge known = fleet();
  const auto version = [&known](const char* asked) {
    return at(known.initialize_result(asked, "fleet"), {"protocolVersion"});
  };
  EXPECT_EQ(version("2025-03-26"), "\"2025-03-26\"");
  EXPECT_EQ(version("2025-11-25"), "\"2025-06-18\"");
  EXPECT_EQ(version("1999-01-01"), "\"2025-06-18\"");
}

TEST(door_knowledge, speaks_to_modern_clients_in_their_way) {
  const knowledge known = fleet();
  const std::string result = known.discover_result("fleet");
  EXPECT_EQ(at(result, {"supportedVersions"}), mcp::supported_versions());
  EXPECT_EQ(at(result, {"resultType"}), "\"complete\"");
  EXPECT_EQ(at(result, {"_meta", "io.modelcontextprotocol/serverInfo", "name"}), "\"Fleet\"");
  const std::string list = known.list_result(list_kinds[0], era::modern);
  EXPECT_EQ(at(list, {"cacheScope"}), "\"private\"");
  EXPECT_EQ(json::elements(at(list, {"tools"})).size(), 3U);
}

TEST(door_knowledge, knows_which_tools_may_be_called_twice) {
  const knowledge known = fleet();
  EXPECT_TRUE(known.repeatable("look"));
  EXPECT_TRUE(known.repeatable("again"));
  EXPECT_FALSE(known.repeatable("deed"));
  EXPECT_FALSE(known.repeatable("unheard of"));
}

TEST(door_knowledge, tells_news_from_the_same_again) {
  knowledge known = fleet();
  EXPECT_FALSE(known.learn(*identity_of_initialize(hello)));
  EXPECT_FALSE(known.learn("prompts/list", "[]") && known.learn("prompts/list", " [ ] "));
  EXPECT_TRUE(known.learn("tools/list", "[]"));
  EXPECT_FALSE(known.repeatable("look"));
}

TEST(door_knowledge, survives_its_file) {
  const knowledge before = fleet();
  const auto after = knowledge::from_json(before.to_json());
  ASSERT_TRUE(after);
  EXPECT_EQ(after->who(), before.who());
  EXPECT_EQ(after->items("tools/list"), before.items("tools/list"));
  EXPECT_TRUE(after->repeatable("look"));
  for (const char* broken : {"", "{}", "[]", "{\"capabilities\":7}", "{\"capabilities\":{}"})
    EXPECT_FALSE(knowledge::from_json(broken)) << broken;
}

}  // namespace
}  // namespace workspaced::door
