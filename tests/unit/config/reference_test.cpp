// config/reference.toml shows every key with its default, and the other configurations of the repository are
// right.
#include "config/keys.hpp"
#include "unit/config/house.hpp"

#include <set>
#include <sstream>

namespace workspaced::config {
namespace {

std::string content(const std::string& name) {
  std::ifstream in(std::string(WORKSPACED_CONFIG_DIR) + "/" + name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// "services.NAME.stop.signal" for every key of the file, commented out or not.
std::set<std::string> keys_of(const std::string& text) {
  std::set<std::string> keys;
  std::istringstream lines(text);
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ")) line.erase(0, 2);
    if (line.starts_with("[")) {
      section = line.substr(1, line.find(']') - 1);
      if (const auto at = section.find(".web"); at != std::string::npos) section.replace(at, 4, ".NAME");
      continue;
    }
    const auto equals = line.find(" = ");
    if (equals != std::string::npos && line.find(' ') == equals)
      keys.insert(section + "." + line.substr(0, equals));
  }
  return keys;
}

TEST(reference, shows_every_key_and_no_other) {
  std::set<std::string> expected;
  for (const key_description& each : key_table()) {
    const bool table = each.type == "table" && each.section == "services.NAME";
    if (!table) expected.insert(each.section + "." + each.name);
    EXPECT_FALSE(each.purpose.empty()) << each.name;
  }
  EXPECT_EQ(keys_of(content("reference.toml")), expected);
}

TEST(reference, shows_the_defaults_of_the_model) {
  house h;
  const auto config = h.good(content("reference.toml"));
  core::configuration plain;
  plain.daemon.log_dir = h.path("home/.local/state/workspaced/logs");
  plain.daemon.state_dir = h.path("home/.local/state/workspaced");
  EXPECT_EQ(config.daemon, plain.daemon);
  EXPECT_EQ(config.http, plain.http);

  core::service_spec web;
  web.name = "web";
  web.command = {"program", "argument"};
  web.log.file = plain.daemon.log_dir + "/web/web.log";
  web.ready = core::ready_spec{core::http_target{{"127.0.0.1", 8000}, "127.0.0.1:8000", "/health"}};
  web.live = core::live_spec{core::tcp_target{"127.0.0.1", 8000}};
  EXPECT_EQ(config.services.at("web"), web);
  core::mcp_spec server;
  server.name = server.service = "web";
  server.url = core::http_target{{"127.0.0.1", 8000}, "127.0.0.1:8000", "/mcp"};
  EXPECT_EQ(config.mcp.at("web"), server);
  core::mcp_server_spec ours;
  ours.claude.scope = core::claude_scope::user;
  EXPECT_EQ(config.mcp_server, ours);
}

TEST(workspace, stands_where_the_product_says) {
  house h;
  h.variables["FLEET_MCP_AUTH_TOKEN"] = "t";
  const auto config = h.good(content("workspaced.toml"));
  const core::service_spec& fleet = config.services.at("fleet-mcp");
  EXPECT_EQ(fleet.command,
            (std::vector<std::string>{"/workspaces/setup/bin/exec", "moon", "run", "fleet-mcp:server"}));
  EXPECT_EQ(fleet.working_dir, "/workspaces/setup");
  EXPECT_EQ(fleet.log.file, "/workspaces/setup/logs/fleet-mcp/server.log");
  EXPECT_EQ(fleet.environment.at("FLEET_MCP_AUTH_TOKEN"), "t");
  EXPECT_EQ(config.http.listen, (core::tcp_target{"127.0.0.1", 9001}));
  EXPECT_EQ(config.mcp.at("fleet-mcp").url,
            (core::http_target{{"127.0.0.1", 8000}, "127.0.0.1:8000", "/mcp"}));
  EXPECT_EQ(config.mcp.at("fleet-mcp").token, core::secret_source(core::secret_text{"t"}));
}

TEST(workspace, without_its_token_says_so) {
  house h;
  const auto text = h.bad(content("workspaced.toml"));
  EXPECT_NE(text.find("FLEET_MCP_AUTH_TOKEN is not set: it must be in the environment of the Coder agent"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace workspaced::config
