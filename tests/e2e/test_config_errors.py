"""Bad configurations: exit 3, and words that help. Each case is asked of `workspaced --check`, which starts nothing."""

import re

import pytest

from harness import BUILD, CONFIGURATION, DONE

WEB = '[services.web]\ncommand = ["true"]\n'

# name: (configuration, what the message must contain)
CASES = {
    "unknown key": ('[services.web]\ncomand = ["true"]\ncommand = ["true"]\n', ["services.web.comand", "did you mean", "command"]),
    "unknown table": ("[servces.web]\n", ["servces", "did you mean", "services"]),
    "wrong type": ("[services.web]\ncommand = 5\n", ["services.web.command"]),
    "wrong type of a boolean": (WEB + 'required = "yes"\n', ["services.web.required"]),
    "no command": ("[services.web]\nautostart = true\n", ["services.web", "command"]),
    "empty command": ("[services.web]\ncommand = []\n", ["services.web.command"]),
    "unbalanced quote": ("[services.web]\ncommand = \"echo 'oops\"\n", ["services.web.command", "quot"]),
    "unknown choice": (WEB + 'restart = "sometimes"\n', ["services.web.restart", "always"]),
    "unknown kind": (WEB + 'kind = "demon"\n', ["services.web.kind", "task"]),
    "bad duration": (WEB + 'stop = { timeout = "10 parsecs" }\n', ["services.web.stop.timeout"]),
    "negative duration": (WEB + 'stop = { timeout = "-1s" }\n', ["services.web.stop.timeout"]),
    "bad size": (WEB + 'log = { max_size = "10 elephants" }\n', ["services.web.log.max_size"]),
    "bad signal": (WEB + 'stop = { signal = "HELLO" }\n', ["services.web.stop.signal"]),
    "cycle": ('[services.a]\ncommand = ["true"]\ndepends_on = { b = "ready" }\n'
              '[services.b]\ncommand = ["true"]\ndepends_on = { a = "ready" }\n', ["services.a.depends_on", "a -> b -> a"]),
    "depends on itself": ('[services.a]\ncommand = ["true"]\ndepends_on = { a = "ready" }\n', ["services.a.depends_on"]),
    "unknown dependency": (WEB + 'depends_on = { databse = "ready" }\n[services.database]\ncommand = ["true"]\n',
                           ["databse", "did you mean", "database"]),
    "unknown condition": ('[services.a]\ncommand = ["true"]\ndepends_on = { b = "happy" }\n[services.b]\ncommand = ["true"]\n',
                          ["services.a.depends_on.b", "happy"]),
    "completed of a service": ('[services.a]\ncommand = ["true"]\ndepends_on = { b = "completed" }\n[services.b]\ncommand = ["true"]\n',
                               ["services.a.depends_on.b", "task"]),
    "port out of range": ('[http]\nlisten = "127.0.0.1:70000"\n', ["http.listen", "65535"]),
    "not loopback": ('[http]\nlisten = "0.0.0.0:9001"\n', ["http.listen", "loopback"]),
    "probe port out of range": (WEB + 'ready = { tcp = "127.0.0.1:0" }\n', ["services.web.ready.tcp"]),
    "probe url": (WEB + 'ready = { http = "ftp://127.0.0.1/" }\n', ["services.web.ready.http"]),
    "two probes at once": (WEB + 'ready = { tcp = "127.0.0.1:80", http = "http://127.0.0.1/" }\n', ["services.web.ready"]),
    "no probe": (WEB + 'ready = { timeout = "1s" }\n', ["services.web.ready"]),
    "unset variable": ('[services.web]\ncommand = ["${NOT_SET_AT_ALL}"]\n', ["NOT_SET_AT_ALL"]),
    "required variable": ('[services.web]\ncommand = ["${NOT_SET:?ask your admin}"]\n', ["NOT_SET", "ask your admin"]),
    "open brace": ('[services.web]\ncommand = ["${HOME"]\n', ["services.web.command"]),
    "bad backoff": (WEB + 'backoff = { factor = 0.5 }\n', ["services.web.backoff.factor"]),
    "bad jitter": (WEB + 'backoff = { jitter = 2.0 }\n', ["services.web.backoff.jitter"]),
    "mcp of no service": ('[mcp.x]\nservice = "nobody"\nurl = "http://127.0.0.1:1/mcp"\n', ["mcp.x.service", "nobody"]),
    "bad service name": ('[services."a/b"]\ncommand = ["true"]\n', ["a/b"]),
    "missing env_file": (WEB + 'env_file = ["nowhere.env"]\n', ["nowhere.env"]),
    "not TOML": ("[services.web\ncommand = ", ["workspaced.toml:1"]),
    "duplicate key": ('[services.web]\ncommand = ["true"]\ncommand = ["false"]\n', ["workspaced.toml:3"]),
}


def check(workspace, content):
    data = content if isinstance(content, bytes) else content.encode()
    workspace.config_file.write_bytes(data)
    return workspace.run(BUILD / "workspaced", "--check")


@pytest.mark.parametrize("name", CASES)
def test_each_error_is_told(workspace, name):
    text, parts = CASES[name]
    result = check(workspace, text)
    assert result.code == CONFIGURATION, result
    for part in parts:
        assert part in result.err, f"{part!r} is missing: {result}"
    assert re.search(r"workspaced\.toml:\d+:\d+: ", result.err), f"file:line:column is missing: {result}"


def test_all_errors_of_all_files_are_told_at_once(workspace):
    (workspace.directory / "conf.d").mkdir()
    (workspace.directory / "conf.d/10-more.toml").write_text('[services.api]\ncommand = 5\nrestart = "no"\n')
    result = check(workspace, '[services.web]\nkind = "x"\ncomand = "true"\n[http]\nlisten = "127.0.0.1:99999"\n')
    assert result.code == CONFIGURATION
    for part in ("services.web.kind", "services.web.comand", "http.listen", "10-more.toml:2:", "services.api.restart"):
        assert part in result.err, f"{part!r} is missing: {result}"


@pytest.mark.parametrize("name, content, parts", [
    ("not UTF-8", b'[services.web]\ncommand = ["\xff\xfe"]\n', ["UTF-8"]),
    ("10 MB", b"# padding\n" * 1_100_000, ["11000000 bytes", "at most"]),
    ("empty", b"", ["empty"]),
    ("blank", b"\n\n  \n", []),
    ("NUL bytes", b"\0" * 100, []),
    ("a BOM of UTF-16", "[services.web]\n".encode("utf-16"), []),
], ids=lambda x: x if isinstance(x, str) else "")
def test_files_that_are_no_configuration(workspace, name, content, parts):
    result = check(workspace, content)
    assert result.code == CONFIGURATION, result
    assert "workspaced.toml" in result.err and len(result.err) < 5000, result
    for part in parts:
        assert part in result.err, result
    assert result.seconds < 5


def test_a_missing_or_unreadable_file(workspace):
    result = workspace.run(BUILD / "workspaced", "--check", "--config", "nowhere.toml")
    assert result.code == CONFIGURATION and "nowhere.toml" in result.err, result
    result = workspace.run(BUILD / "workspaced", "--check", "--config", workspace.directory)
    assert result.code == CONFIGURATION, result


def test_no_file_at_all_is_an_error_and_the_help_has_the_places(workspace):
    del workspace.env["WORKSPACED_CONFIG"]
    result = workspace.run(BUILD / "workspaced", "--check")
    assert result.code == CONFIGURATION
    assert "--config" in result.err and "--help" in result.err, result
    told = workspace.run(BUILD / "workspaced", "--help").out
    assert "./workspaced.toml" in told and "/etc/workspaced/workspaced.toml" in told, told


def test_the_search_order(workspace):
    del workspace.env["WORKSPACED_CONFIG"]
    places = [workspace.home / ".config/workspaced/workspaced.toml", workspace.directory / ".workspaced/workspaced.toml",
              workspace.directory / "workspaced.toml"]
    for place in places:  # each beats the ones before it
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(WEB)
        result = workspace.ctl("check")
        assert str(place) in result.out, result
    elsewhere = workspace.directory / "elsewhere.toml"
    elsewhere.write_text(WEB)
    workspace.env["WORKSPACED_CONFIG"] = str(elsewhere)
    assert str(elsewhere) in workspace.ctl("check").out
    assert str(places[0]) in workspace.ctl("check", places[0]).out


def test_conf_d_is_merged_in_order_and_expansion_works(workspace):
    workspace.env |= {"GREETING": "hello", "EMPTY": ""}
    workspace.configure('''
[services.say]
kind = "task"
command = ["sh", "-c", "echo $$1 $$2 $$3", "sh", "${GREETING}", "${NOT_SET:-default}", "${EMPTY:-was empty}"]
''')
    (workspace.directory / "conf.d").mkdir()
    (workspace.directory / "conf.d/10.toml").write_text('[services.more]\nkind = "task"\ncommand = "echo \'two words\' x"\n')
    workspace.up()
    assert workspace.log_of("say") == "hello default was empty\n"
    assert workspace.log_of("more") == "two words x\n"


def test_a_bad_reload_changes_nothing(workspace):
    workspace.configure('[services.web]\ncommand = ["sleep", "1000"]\n')
    workspace.up()
    before = workspace.service("web")["pid"]
    good = workspace.config_file.read_text()
    workspace.config_file.write_text(good + "[services.api]\ncomand = 1\n")
    result = workspace.ctl("reload", code=CONFIGURATION)
    assert "comand" in result.err and "workspaced.toml:" in result.err, result
    assert workspace.services().keys() == {"web"}
    assert workspace.service("web")["pid"] == before
    up = workspace.up(code=CONFIGURATION)
    assert "comand" in up.err, up


def test_a_reference_and_the_workspaces_own_file_are_fine(workspace):
    from harness import ROOT

    workspace.env["FLEET_MCP_AUTH_TOKEN"] = "x" * 43
    for name in ("reference.toml", "workspaced.toml"):
        result = workspace.run(BUILD / "workspaced", "--check", "--config", ROOT / "config" / name)
        assert result.code == DONE, result
