"""Services that come and go while the daemon runs, until the next reload."""

import pytest

from harness import CONFIGURATION, FAILED, USAGE, eventually, is_alive

WEB = '[services.web]\ncommand = ["sleep", "1000"]\n'
NEEDS_WEB = '[services.shop]\ncommand = ["sleep", "1000"]\ndepends_on = ["web"]\n'


@pytest.fixture
def running(workspace):
    workspace.configure(WEB)
    workspace.up()
    return workspace


def test_an_added_command_runs_until_the_next_reload(running):
    web = running.service("web")["pid"]
    added = running.ctl("add", "docs", "--", "sh", "-c", "echo hello; exec sleep 1000")
    assert "until the next reload" in added.out
    docs = running.service("docs")
    assert docs["state"] == "ready" and docs["until_reload"]
    assert running.log_of("docs") == "hello\n"
    assert "added until the next reload: docs" in running.ctl("status").out
    running.ctl("reload")
    eventually(lambda: "docs" not in running.services(), what="it is taken away")
    assert not is_alive(docs["pid"])
    assert running.service("web")["pid"] == web


def test_an_added_service_may_be_all_that_a_configured_one_is(running):
    definition = running.directory / "db.toml"
    definition.write_text('command = ["sleep", "1000"]\ndepends_on = ["web"]\nready = { exec = ["true"] }\n')
    running.ctl("add", "db", "--file", definition)
    service = running.service("db")
    assert service["state"] == "ready" and service["depends_on"][0]["name"] == "web"
    assert running.get("/health").json["services"]["db"]["ready"]


def test_added_again_it_is_replaced(running):
    running.ctl("add", "docs", "--", "sleep", "1000")
    first = running.service("docs")["pid"]
    running.ctl("add", "docs", "--", "sleep", "2000")
    second = running.service("docs")
    assert second["pid"] != first and second["until_reload"]
    assert not is_alive(first)


def test_one_that_fails_says_why(running):
    definition = running.directory / "bad.toml"
    definition.write_text('command = ["sh", "-c", "exit 3"]\nbackoff = { attempts = 1 }\n')
    assert "exit code 3" in running.ctl("add", "worse", "--file", definition, code=FAILED).err


def test_a_wrong_definition_changes_nothing(running):
    definition = running.directory / "bad.toml"
    for text in ("", "command = [", 'command = "x"\nautostrat = true', 'command = "x"\ndepends_on = ["nobody"]'):
        definition.write_text(text)
        answer = running.ctl("add", "bad", "--file", definition, code=CONFIGURATION)
        assert "bad" in answer.err
    running.ctl("add", "bad", code=USAGE)
    assert set(running.services()) == {"web"}


def test_one_of_the_configuration_is_changed_there(running):
    answer = running.ctl("add", "web", "--", "sleep", "1", code=FAILED)
    assert "web" in answer.err and str(running.config_file) in answer.err
    assert not running.service("web")["until_reload"]


def test_a_removed_service_comes_back_with_the_next_reload(running):
    web = running.service("web")["pid"]
    assert "removed until the next reload" in running.ctl("remove", "web").out
    assert not is_alive(web)
    assert "web" not in running.services()
    assert "removed until the next reload: web" in running.ctl("status").out
    assert running.get("/health").status == 200
    running.ctl("reload")
    running.wait_state("web", "ready")
    assert "until the next reload" not in running.ctl("status").out


def test_nothing_is_removed_that_is_not_there(running):
    assert "nobody" in running.ctl("remove", "nobody", code=USAGE).err


def test_one_that_another_needs_is_not_removed(workspace):
    workspace.configure(WEB + NEEDS_WEB)
    workspace.up()
    answer = workspace.ctl("remove", "web", code=CONFIGURATION)
    assert "shop" in answer.err
    assert workspace.state_of("web") == "ready"


def test_a_killed_daemon_does_not_forget(running, init):
    running.ctl("add", "docs", "--", "sleep", "1000")
    docs = running.service("docs")["pid"]
    running.ctl("add", "gone", "--", "sleep", "1000")
    running.ctl("remove", "gone")
    running.ctl("remove", "web")
    running.kill_daemon()
    running.start_daemon()
    assert running.service("docs")["pid"] == docs and running.service("docs")["until_reload"]
    assert set(running.services()) == {"docs"}


def test_an_upgrade_does_not_forget(running):
    running.ctl("add", "docs", "--", "sleep", "1000")
    docs = running.service("docs")["pid"]
    running.ctl("upgrade")
    assert running.service("docs")["pid"] == docs and running.service("docs")["until_reload"]


def test_a_daemon_that_was_stopped_begins_with_its_configuration(running):
    running.ctl("add", "docs", "--", "sleep", "1000")
    running.ctl("down")
    running.start_daemon()
    assert set(running.services()) == {"web"}


def test_it_needs_the_right_to_change(running):
    for verb in ("PUT", "DELETE"):
        assert running.request(verb, "/v1/services/web").status == 401
