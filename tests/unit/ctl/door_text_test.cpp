#include "ctl/door_text.hpp"

#include "ctl/documents.hpp"
#include "unit/ctl/fleets.hpp"

#include <gtest/gtest.h>

namespace workspaced::ctl {
namespace {

core::door_view fleet_mcp() {
  core::door_view door{"fleet-mcp", "fleet", "http://127.0.0.1:8000/mcp", true, "Fleet 0.2.0", 11, 1, "", {}};
  door.figures.outcomes[0] = 40;
  door.figures.outcomes[1] = 2;
  return door;
}

core::door_view never_seen() {
  core::door_view door{"notes", "notes", "stdio", false, "", 0, 0, "it is not running", {}};
  door.figures.held = 3;
  return door;
}

TEST(ctl_door_text, is_a_table_of_doors) {
  core::fleet_view fleet;
  fleet.doors = {fleet_mcp(), never_seen()};
  EXPECT_EQ(door_table(fleet, style{}),
            "MCP DOOR   STATE    TOOLS  REQUESTS   HELD  SERVER\n"
            "fleet-mcp  open        11        42      0  Fleet 0.2.0\n"
            "notes      holding      0         0      3  never seen: it is not running\n");
}

TEST(ctl_door_text, fits_the_terminal) {
  core::fleet_view fleet;
  fleet.doors = {never_seen()};
  fleet.doors[0].problem = std::string(200, 'x');
  const std::string table = door_table(fleet, style{false, 70});
  EXPECT_LE(table.size() - table.find('\n') - 2, 72U);
}

TEST(ctl_door_text, is_a_sentence_for_why) {
  EXPECT_EQ(door_line(fleet_mcp()),
            "MCP door /mcp/fleet-mcp (to http://127.0.0.1:8000/mcp): open, Fleet 0.2.0, 11 tools");
  EXPECT_EQ(door_line(never_seen()),
            "MCP door /mcp/notes (to stdio): holds calls until the service is ready, the server was never "
            "seen, 3 calls "
            "waiting; last problem: it is not running");
}

TEST(ctl_door_text, comes_from_the_daemons_document) {
  const auto fleet = read_fleet(
      R"({"services":[],"doors":[{"name":"a","service":"b","target":"stdio","open":true,"server":"S","tools":3,)"
      R"("sessions":4,"held":5,"replayed":6,"requests":{"lost":7},"problem":"p"}]})");
  ASSERT_TRUE(fleet);
  ASSERT_EQ(fleet->doors.size(), 1U);
  const core::door_view& door = fleet->doors[0];
  EXPECT_EQ(door.name + door.service + door.target + door.server + door.problem, "abstdioSp");
  EXPECT_TRUE(door.open);
  EXPECT_EQ(door.tools, 3U);
  EXPECT_EQ(door.figures.held, 5U);
  EXPECT_EQ(door.figures.outcomes[static_cast<std::size_t>(core::door_outcome::lost)], 7U);
}

}  // namespace
}  // namespace workspaced::ctl
