#include "unit/config/house.hpp"

namespace workspaced::config {
namespace {

using namespace std::chrono_literals;

TEST(load, fills_the_model) {
  house h;
  h.variables["TOKEN"] = "secret";
  h.file(".env", "A=file\nB=file\n");
  const auto config = h.good(R"(
[daemon]
log_dir = "logs"
state_dir = "/var/state"
log_level = "debug"
log_format = "json"
[http]
listen = "[::1]:0"
allowed_hosts = ["example.org"]
[services.db]
command = ["db", "--port", "1 2"]
kind = "task"
[services.web]
command = "web 'a b'"
working_dir = "~/work"
env_file = ".env"
environment = { B = "own", C = "${TOKEN}" }
autostart = false
required = false
depends_on = { db = "completed" }
restart = "on-failure"
success_exit_codes = [0, 3]
backoff = { initial = "1s", factor = 3, max = "1m", jitter = 0, reset_after = "5m", attempts = 0, retry_failed_after = "10m" }
stop = { signal = "SIGINT", command = "ask it", timeout = "3s" }
log = { max_size = "1MiB", keep = 2, file = "server.log" }
ready = { http = "http://localhost:8000/health?deep=1", timeout = "30s", interval = "1s", attempt_timeout = "5s", success_threshold = 2 }
live = { exec = "check it", interval = "20s", timeout = "4s", failure_threshold = 5, on_failure = "report" }
[mcp.web]
service = "web"
url = "http://127.0.0.1:8000/mcp"
bearer_token = "${TOKEN}"
claude = false
)");
  EXPECT_EQ(config.file, h.path("workspaced.toml"));
  EXPECT_EQ(config.daemon.log_dir, h.path("logs"));
  EXPECT_EQ(config.daemon.state_dir, "/var/state");
  EXPECT_EQ(config.daemon.level, core::log_level::debug);
  EXPECT_EQ(config.daemon.format, core::log_format::json);
  EXPECT_EQ(config.http.listen, (core::tcp_target{"::1", 0}));
  EXPECT_EQ(config.http.allowed_hosts, std::vector<std::string>{"example.org"});

  const core::service_spec& db = config.services.at("db");
  EXPECT_EQ(db.command, (std::vector<std::string>{"db", "--port", "1 2"}));
  EXPECT_EQ(db.restart, core::restart_policy::never) << "a task's default";
  EXPECT_EQ(db.log.file, h.path("logs/db/db.log"));

  core::service_spec web;
  web.name = "web";
  web.command = {"web", "a b"};
  web.working_dir = h.path("home/work");
  web.environment = {{"A", "file"}, {"B", "own"}, {"C", "secret"}};
  web.autostart = false;
  web.required = false;
  web.depends_on = {{"db", {core::dependency_condition::completed, {}, false}}};
  web.restart = core::restart_policy::on_failure;
  web.success_exit_codes = {0, 3};
  web.backoff = {1s, 3, 1min, 0, 5min, 0, 10min};
  web.stop = {2, {"ask", "it"}, 3s};
  web.log = {h.path("logs/web/server.log"), 1'048'576, 2};
  web.ready = core::ready_spec{core::http_target{{"127.0.0.1", 8000}, "localhost:8000", "/health?deep=1"},
                               30s, 1s, 5s, 2};
  web.live = core::live_spec{core::exec_target{{"check", "it"}}, 20s, 4s, 5, core::live_action::report};
  EXPECT_EQ(config.services.at("web"), web);
  core::mcp_spec server;
  server.name = server.service = "web";
  server.url = core::http_target{{"127.0.0.1", 8000}, "127.0.0.1:8000", "/mcp"};
  server.token = core::secret_text{"secret"};
  server.claude.scope = core::claude_scope::none;
  EXPECT_EQ(config.mcp.at("web"), server);
}

TEST(load, an_array_of_dependencies_waits_for_ready) {
  house h;
  const auto config = h.good("[services.a]\ncommand='a'\n[services.b]\ncommand='b'\ndepends_on=['a']\n");
  EXPECT_EQ(config.services.at("b").depends_on.at("a"), core::dependency_spec{});
}

TEST(load, a_tcp_probe_takes_a_port_or_an_address) {
  house h;
  const auto config =
      h.good("[services.a]\ncommand='a'\nready.tcp=80\n[services.b]\ncommand='b'\nready.tcp='[::1]:80'\n");
  EXPECT_EQ(config.services.at("a").ready->target, core::probe_target(core::tcp_target{"127.0.0.1", 80}));
  EXPECT_EQ(config.services.at("b").ready->target, core::probe_target(core::tcp_target{"::1", 80}));
}

TEST(load, conf_d_is_laid_over_the_main_file_in_order_of_names) {
  house h;
  h.file("conf.d/20.toml", "[services.a]\nrequired = false\n[services.b]\ncommand = 'b20'\n");
  h.file("conf.d/10.toml", "[services.b]\ncommand = 'b10'\nautostart = false\n");
  h.file("conf.d/ignored.txt", "not toml");
  const auto config = h.good("[services.a]\ncommand = 'a'\n");
  EXPECT_EQ(config.services.at("a").command, std::vector<std::string>{"a"});
  EXPECT_FALSE(config.services.at("a").required);
  EXPECT_EQ(config.services.at("b").command, std::vector<std::string>{"b20"});
  EXPECT_FALSE(config.services.at("b").autostart);
}

TEST(load, relative_paths_belong_to_the_file_that_names_them) {
  house h;
  h.file("conf.d/10.toml", "[services.a]\ncommand = 'a'\nworking_dir = 'here'\n");
  const auto config = h.good("[daemon]\nlog_dir = '../logs'\n");
  EXPECT_EQ(config.services.at("a").working_dir, h.path("conf.d/here"));
  EXPECT_EQ(config.daemon.log_dir, std::filesystem::path(h.directory()).parent_path().string() + "/logs");
}

TEST(load, looks_in_the_usual_places_in_order) {
  house h;
  const std::string text = "[services.a]\ncommand = 'a'\n";
  EXPECT_EQ(find_file(h.options()), std::nullopt);
  h.file("home/.config/workspaced/workspaced.toml", text);
  EXPECT_EQ(find_file(h.options()), h.path("home/.config/workspaced/workspaced.toml"));
  h.file(".workspaced/workspaced.toml", text);
  EXPECT_EQ(find_file(h.options()), h.path(".workspaced/workspaced.toml"));
  h.file("workspaced.toml", text);
  EXPECT_EQ(find_file(h.options()), h.path("workspaced.toml"));
  h.variables["WORKSPACED_CONFIG"] = "other.toml";
  EXPECT_EQ(find_file(h.options()), h.path("other.toml"));
  EXPECT_EQ(find_file(h.options("~/mine.toml")), h.path("home/mine.toml"));
}

}  // namespace
}  // namespace workspaced::config
