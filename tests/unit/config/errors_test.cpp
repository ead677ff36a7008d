// What a wrong configuration is answered with, to the letter.
#include "unit/config/house.hpp"

#include <sys/stat.h>

namespace workspaced::config {
namespace {

TEST(errors, all_of_all_files_come_at_once_in_order) {
  house h;
  h.file("conf.d/10.toml", "[services.b]\ncommand = 7\n");
  EXPECT_EQ(h.bad("[services.a]\ncomand = 'a'\nautostart = 'yes'\n[htp]\n"),
            "workspaced.toml:1:1: services.a: has no command; command = \"program argument\"\n"
            "workspaced.toml:2:1: services.a.comand: unknown key; did you mean command?\n"
            "workspaced.toml:3:13: services.a.autostart: must be true or false, not a string\n"
            "workspaced.toml:4:2: htp: unknown key; did you mean http?\n"
            "conf.d/10.toml:2:11: services.b.command: must be a command line, or an array of strings, not an "
            "integer\n");
}

struct row {
  const char* text;      ///< within [services.a] after its command, from line 3 on
  const char* expected;  ///< without the file and the first two lines
};

class wrong_value : public testing::TestWithParam<row> {};

TEST_P(wrong_value, is_named_with_its_place_and_what_would_be_right) {
  house h;
  EXPECT_EQ(h.bad(std::string("[services.a]\ncommand='a'\n") + GetParam().text + "\n"),
            std::string("workspaced.toml:") + GetParam().expected + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    errors, wrong_value,
    testing::Values(
        row{"restart = 'allways'",
            "3:11: services.a.restart: must be one of \"always\", \"on-failure\", \"never\", not "
            "\"allways\"; did you mean \"always\"?"},
        row{"stop.timeout = 10",
            "3:16: services.a.stop.timeout: must be a duration in quotes, like \"10s\", not an integer"},
        row{"stop.timeout = '10'",
            "3:16: services.a.stop.timeout: \"10\" is not a duration; write it like \"10s\", \"500ms\" or "
            "\"1m30s\""},
        row{"stop.signal = 'TREM'",
            "3:15: services.a.stop.signal: \"TREM\" is no signal; write it like \"TERM\" or \"INT\""},
        row{"log.max_size = '10M'",
            "3:16: services.a.log.max_size: \"10M\" is not a size; write it like \"10MB\" or \"64KiB\""},
        row{"backoff.factor = 0.5", "3:18: services.a.backoff.factor: must be from 1 to 1000"},
        row{"backoff.jitter = 1.5", "3:18: services.a.backoff.jitter: must be from 0 to 1"},
        row{"success_exit_codes = [256]",
            "3:23: services.a.success_exit_codes[0]: must be from 0 to 255, not 256"},
        row{"ready.tcp = '127.0.0.1:70000'",
            "3:13: services.a.ready.tcp: must end with a port from 1 to 65535, like \"127.0.0.1:8000\""},
        row{"ready.tcp = 0", "3:13: services.a.ready.tcp: must be from 1 to 65535, not 0"},
        row{"ready.tcp = 'db.example.org:80'",
            "3:13: services.a.ready.tcp: \"db.example.org\" is no numeric address and not localhost; names "
            "are not resolved"},
        row{"ready.http = 'https://127.0.0.1/'",
            "3:14: services.a.ready.http: https is not supported; use the plain port"},
        row{"ready.http = '127.0.0.1:80'",
            "3:14: services.a.ready.http: must be a URL like \"http://127.0.0.1:8000/health\""},
        row{"working_dir = '${NOWHERE}'",
            "3:15: services.a.working_dir: the environment variable NOWHERE is not set; set it, or write "
            "${NOWHERE:-default}"},
        row{"depends_on = { db = 'ready' }", "3:21: services.a.depends_on.db: there is no service named db"},
        row{"depends_on = ['a']",
            "3:14: services.a.depends_on: the services need each other in a circle: a -> a"},
        row{"kind = 'task'\nrestart = 'always'",
            "4:11: services.a.restart: a task cannot restart always: it would never complete; use "
            "\"on-failure\" or \"never\""},
        row{"[services.b]\ncommand='b'\ndepends_on={a='completed'}",
            "5:15: services.b.depends_on.a: a is no task, so it never completes; use \"ready\", or make it "
            "kind = \"task\""},
        row{"[http]\nlisten='0.0.0.0:9001'",
            "4:8: http.listen: must be a loopback address: anybody who reaches the port could read the state "
            "of your services; "
            "listen on 127.0.0.1 and forward the port"},
        row{"[mcp.a]\nservice='b'\nurl='http://[::1]/'",
            "4:9: mcp.a.service: there is no service named b; did you mean a?"},
        row{"[services.b]\ncommand='b'\nlog.file='/tmp/same'\n[services.c]\ncommand='c'\nlog.file='/tmp/"
            "same'",
            "8:1: services.c.log: b writes to the same log, /tmp/same"},
        row{"command = 'b'",
            "3:11: not TOML: Error while parsing key-value pair: cannot redefine existing string 'command'"},
        row{"x = ", "3:5: not TOML: Error while parsing key-value pair: expected value, saw '\\n'"}));

TEST(errors, a_probe_has_exactly_one_target) {
  house h;
  EXPECT_EQ(h.bad("[services.a]\ncommand='a'\n[services.a.ready]\ntimeout='1s'\n[services.a.live]\ntcp="
                  "1\nexec='x'\n"),
            "workspaced.toml:3:1: services.a.ready: needs one of http, tcp, exec and mcp\n"
            "workspaced.toml:5:1: services.a.live: takes only one of http, tcp, exec and mcp\n");
}

TEST(errors, a_circle_is_shown_whole) {
  house h;
  const auto text = h.bad(
      "[services.a]\ncommand='x'\ndepends_on=['b']\n[services.b]\ncommand='x'\ndepends_on=['c']\n"
      "[services.c]\ncommand='x'\ndepends_on=['a']\n");
  EXPECT_EQ(text,
            "workspaced.toml:3:12: services.a.depends_on: the services need each other in a circle: a -> b "
            "-> c -> a\n");
}

TEST(errors, a_secret_is_never_shown) {
  house h;
  h.variables["TOKEN"] = "hush-hush\nhush";
  const auto text = h.bad(
      "[services.a]\ncommand='a'\nenvironment={X=['${TOKEN}']}\n[mcp.a]\nservice='a'\nurl='http://[::1]'\n"
      "bearer_token='${TOKEN}'\n");
  EXPECT_NE(text.find("mcp.a.bearer_token: must consist of printable ASCII"), std::string::npos) << text;
  EXPECT_NE(text.find("services.a.environment.X: must be a string"), std::string::npos) << text;
  EXPECT_EQ(text.find("hush"), std::string::npos) << text;
}

TEST(errors, a_line_of_an_env_file_is_named_by_itself) {
  house h;
  h.file(".env", "A=1\nnonsense\n");
  EXPECT_EQ(h.bad("[services.a]\ncommand='a'\nenv_file='.env'\n"), ".env:2:1: the line is not NAME=value\n");
  EXPECT_EQ(
      h.bad("[services.a]\ncommand='a'\nenv_file=['none']\n"),
      "workspaced.toml:3:11: services.a.env_file[0]: cannot read the env file none: there is no such file\n");
}

TEST(errors, what_is_no_configuration_is_refused_at_once) {
  house h;
  EXPECT_EQ(h.bad(" \n"),
            "workspaced.toml: the file is empty; it needs at least one [services.NAME] with a command\n");
  EXPECT_EQ(h.bad("[services.a]\ncommand='\xff'\n"),
            "workspaced.toml:2:10: the file is not UTF-8: an invalid byte at offset 22; save it as UTF-8\n");
  EXPECT_EQ(h.bad(std::string(10'000'000, '#')),
            "workspaced.toml: cannot read the configuration: it has 10000000 bytes; a configuration has at "
            "most 1048576\n");
  EXPECT_EQ(h.errors(h.path("none.toml")),
            "none.toml: cannot read the configuration: there is no such file\n");
  EXPECT_EQ(h.errors(h.directory()), h.directory() + ": cannot read the configuration: it is a directory\n");
}

TEST(errors, without_any_file_it_says_where_to_put_one) {
  house h;
  EXPECT_EQ(
      h.errors(),
      "workspaced.toml: there is no configuration in any of the usual places; name one with --config, or see "
      "workspaced --help\n");
}

}  // namespace
}  // namespace workspaced::config
