// [mcp.NAME] and [mcp_server]: what they make, and what is wrong with them.
#include "unit/config/house.hpp"

namespace workspaced::config {
namespace {

constexpr const char* service = "[services.a]\ncommand='a'\n";

TEST(mcp_keys, a_command_is_a_service_that_speaks_over_stdio) {
  house h;
  const auto config = h.good(
      "[mcp.notes]\ncommand='notes --all'\nworking_dir='/w'\nenvironment={A='1'}\nrequired=false\n"
      "bearer_token_file='~/t#/value'\n");
  const core::service_spec& own = config.services.at("notes");
  EXPECT_EQ(own.command, (std::vector<std::string>{"notes", "--all"}));
  EXPECT_EQ(own.working_dir, "/w");
  EXPECT_EQ(own.environment.at("A"), "1");
  EXPECT_FALSE(own.required);
  EXPECT_TRUE(own.stdio);
  ASSERT_TRUE(own.ready);
  const core::mcp_spec& server = config.mcp.at("notes");
  EXPECT_EQ(own.ready->target, core::probe_target(core::mcp_target{"notes", std::nullopt, server.token}));
  EXPECT_EQ(server.service, "notes");
  EXPECT_FALSE(server.url);
  EXPECT_EQ(server.token, core::secret_source(core::secret_file{h.path("home/t"), "/value"}));
}

TEST(mcp_keys, a_probe_by_name_knows_the_address_and_the_token_of_its_server) {
  house h;
  const auto config = h.good(std::string(service) +
                             "ready.mcp='m'\nlive.mcp='m'\n[mcp.m]\nservice='a'\n"
                             "url='http://localhost:8000/mcp'\nbearer_token_command=['print', 'it']\n");
  const core::http_target where{{"127.0.0.1", 8000}, "localhost:8000", "/mcp"};
  const core::probe_target wanted = core::mcp_target{"m", where, core::secret_command{{"print", "it"}}};
  EXPECT_EQ(config.services.at("a").ready->target, wanted);
  EXPECT_EQ(config.services.at("a").live->target, wanted);
}

TEST(mcp_keys, say_where_claude_code_and_others_are_told) {
  house h;
  const auto config =
      h.good(std::string(service) +
             "[mcp.m]\nservice='a'\nurl='http://localhost:8000/mcp'\nclients=['gemini','cursor']\n"
             "claude={scope='local',project='/p',always_load=true,auth='header'}\n"
             "[mcp_server]\naggregate=true\ncontrol=['a']\n");
  const core::claude_spec wanted{core::claude_scope::local, "/p", true, core::claude_auth::header};
  EXPECT_EQ(config.mcp.at("m").claude, wanted);
  EXPECT_EQ(config.mcp.at("m").clients, (std::vector{core::mcp_client::gemini, core::mcp_client::cursor}));
  EXPECT_TRUE(config.mcp_server.aggregate);
  EXPECT_EQ(config.mcp_server.control, std::vector<std::string>{"a"});
  EXPECT_EQ(config.mcp_server.claude.scope, core::claude_scope::user);
  EXPECT_EQ(h.good(service).mcp_server.claude.scope, core::claude_scope::none);
}

struct row {
  const char* text;      ///< from line 3 on
  const char* expected;  ///< without the file
};

class wrong_server : public testing::TestWithParam<row> {};

TEST_P(wrong_server, is_named_with_its_place_and_what_would_be_right) {
  house h;
  EXPECT_EQ(h.bad(std::string(service) + GetParam().text + "\n"),
            std::string("workspaced.toml:") + GetParam().expected + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    mcp_keys, wrong_server,
    testing::Values(
        row{"[mcp.m]\nservice='a'", "3:1: mcp.m: has no url"},
        row{"[mcp.m]\nurl='http://[::1]/'\ncommand='x'",
            "3:1: mcp.m: has a command, so it takes no url; a server with a command speaks over stdio and is "
            "a "
            "service itself"},
        row{"[mcp.m]\nservice='a'\nurl='http://[::1]/'\nworking_dir='/'",
            "3:1: mcp.m: working_dir is for a server with a command; set it in the [services] table of the "
            "service"},
        row{"[mcp.a]\ncommand='x'",
            "4:9: mcp.a.command: there is a service of the same name; a server with a command is a service "
            "itself; rename one of them"},
        row{"[mcp.m]\ncommand='x'\nbearer_token='x'\nbearer_token_file='x'",
            "3:1: mcp.m: takes only one of bearer_token, bearer_token_file and bearer_token_command"},
        row{"[mcp.m]\ncommand='x'\nclaude={scope='local'}",
            "5:8: mcp.m.claude: this scope needs a project; project = \"/path/of/the/checkout\""},
        row{"[mcp.m]\ncommand='x'\nclaude={scope='project',project='/p',auth='header'}",
            "5:8: mcp.m.claude: a project's .mcp.json is no place for a token; use auth = \"helper\""},
        row{"[mcp.workspaced]\ncommand='x'",
            "3:1: mcp.workspaced: our own MCP server is called so; choose another name, see [mcp_server]"},
        row{"[mcp_server]\ncontrol=['b']",
            "4:9: mcp_server.control: there is no service named b; did you mean a?"},
        row{"[services.b]\ncommand='b'\nready.mcp='m'",
            "5:11: services.b.ready.mcp: there is no [mcp.m]; name the [mcp] table of the server that this "
            "service is"},
        row{"[services.b]\ncommand='b'\nready.mcp='m'\n[mcp.m]\nservice='a'\nurl='http://[::1]/'",
            "5:11: services.b.ready.mcp: [mcp.m] is served by a"}));

}  // namespace
}  // namespace workspaced::config
