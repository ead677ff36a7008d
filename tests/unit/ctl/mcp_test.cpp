#include "ctl/mcp_text.hpp"
#include "unit/ctl/fake_daemon.hpp"

namespace workspaced::ctl {
namespace {

using test::session;
using strings = std::vector<std::string>;

const std::string in_place =
    R"({"server":"fleet","program":"claude","scope":"user","file":"/h/.claude.json","at":["mcpServers","fleet"],)"
    R"("state":"in place","fine":true,"detail":"","differences":[]})";
const std::string by_hand =
    R"({"server":"web","program":"cursor","scope":"","file":"/h/.cursor/mcp.json","at":["mcpServers","web"],)"
    R"("state":"changed by hand","fine":false,"detail":"somebody changed it",)"
    R"("differences":[{"member":"url","wanted":"\"a\"","found":""}]})";

std::string entries(const std::string& list) { return R"({"entries":[)" + list + "]}"; }

TEST(ctl_mcp, shows_each_entry_and_what_differs) {
  session it;
  it.daemon.replies["GET /v1/mcp"] = {{200, entries(in_place + "," + by_hand)}};
  EXPECT_EQ(it.run({"mcp"}), exit_code::failed);
  EXPECT_EQ(it.out,
            "fleet  claude user  in place         /h/.claude.json: mcpServers.fleet\n"
            "web    cursor       changed by hand  /h/.cursor/mcp.json: mcpServers.web\n"
            "    url is nothing, should be \"a\"\n"
            "    somebody changed it\n");
  EXPECT_EQ(it.run({"mcp", "status", "--json"}), exit_code::failed);
  EXPECT_EQ(it.out, entries(in_place + "," + by_hand) + "\n");
}

TEST(ctl_mcp, tells_by_its_exit_code_whether_all_is_in_place) {
  session it;
  it.daemon.replies["GET /v1/mcp"] = {{200, entries(in_place)}};
  EXPECT_EQ(it.run({"mcp", "status"}), exit_code::done);
  it.daemon.replies["GET /v1/mcp"] = {{200, R"({"entries":7})"}};
  EXPECT_EQ(it.run({"mcp"}), exit_code::failed);
  EXPECT_NE(it.err.find("cannot read the daemon's answer"), std::string::npos);
}

TEST(ctl_mcp, syncs_and_removes_what_is_named) {
  session it;
  it.daemon.replies["POST /v1/mcp/sync"] = {{200, entries(in_place)}};
  it.daemon.replies["POST /v1/mcp/remove"] = {{200, entries(in_place)}};
  EXPECT_EQ(it.run({"mcp", "sync"}), exit_code::done);
  EXPECT_EQ(it.run({"mcp", "sync", "--force", "fleet"}), exit_code::done);
  EXPECT_EQ(it.run({"mcp", "remove", "fleet", "web"}), exit_code::done);
  EXPECT_EQ(it.daemon.requests,
            (strings{"POST /v1/mcp/sync", R"(POST /v1/mcp/sync {"names":["fleet"],"force":true})",
                     R"(POST /v1/mcp/remove {"names":["fleet","web"]})"}));
}

TEST(ctl_mcp, prints_the_headers_for_a_helper_and_nothing_else) {
  session it;
  it.daemon.replies["GET /v1/mcp/fleet/headers"] = {{200, "{\"Authorization\":\"Bearer t\"}\n"}};
  EXPECT_EQ(it.run({"--socket", "/s", "mcp", "headers", "fleet"}), exit_code::done);
  EXPECT_EQ(it.out, "{\"Authorization\":\"Bearer t\"}\n");
  EXPECT_EQ(it.run({"mcp", "headers", "nobody"}), exit_code::usage);
  EXPECT_EQ(it.out, "");
}

TEST(ctl_mcp, says_what_it_takes) {
  for (const auto& words : {strings{"mcp", "stats"},
                            {"mcp", "status", "fleet"},
                            {"mcp", "headers"},
                            {"mcp", "headers", "a", "b"},
                            {"mcp", "--force"},
                            {"mcp", "headers", "a", "--force"}}) {
    session it;
    EXPECT_EQ(it.run(words), exit_code::usage) << words[1];
    EXPECT_NE(it.err.find("see: workspacectl help mcp"), std::string::npos) << it.err;
  }
}

}  // namespace
}  // namespace workspaced::ctl
