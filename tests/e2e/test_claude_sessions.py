"""Sessions of the real Claude Code, while the server behind the door comes, goes, hangs and changes its token.

Every call that can succeed does; the others end in an honest error within their bound.
"""

import json
import os
import signal
import time

import pytest

from claude_bed import NEWEST, OLD, PROGRAM, Call, run_claude
from harness import children_of, eventually, is_alive
from mcp_bed import Server, knock

pytestmark = pytest.mark.parametrize("version", [NEWEST, OLD])

LIVE = {"interval": "500ms", "timeout": "1s", "failure_threshold": 2}


@pytest.fixture
def fleet(workspace, free_port, version):
    """A server that is not started yet, in a workspace with this Claude Code."""
    workspace.env["PATH"] = f"{PROGRAM[version].parent}:{workspace.env['PATH']}"
    return Server(workspace, free_port(), token="t0ken-of-the-server-itself")


def up(fleet, **tables):
    """The daemon, the server ready, Claude Code told of the door."""
    workspace = fleet.workspace
    workspace.configure(fleet.service("fleet", claude={"scope": "user"}, **tables))
    workspace.up()
    entry = f"http://127.0.0.1:{workspace.http_port}/mcp/fleet"
    eventually(lambda: entry in (workspace.claude_dir / ".claude.json").read_text(), 10, "Claude Code is told")


def wait_until_known(fleet):
    """The door has got to know the server; being ready comes a moment before."""

    def known():
        with knock(fleet.workspace, "fleet") as client:
            client.open()
            return "echo" in client.tools()

    eventually(known, 40, "the door knows the server's tools")


def kill_server(fleet):
    """Returns when the process is dead: one that is dying still takes bytes that nobody will read."""
    pid = fleet.workspace.service("fleet")["pid"]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not is_alive(pid), 5, "the server is dead")


def kill_when(fleet, line):
    """In the middle of a call, as the server's journal tells it."""

    def kill():
        eventually(lambda: line in fleet.journal, 20, f"the server says: {line}")
        kill_server(fleet)

    return kill


def worker_of(fleet):
    """The process that serves, under uvicorn's reloader."""
    main = fleet.workspace.service("fleet")["pid"]
    for pid, _ in children_of(main):
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as command:
            if "spawn_main" in command.read():
                return pid
    raise AssertionError(f"the reloader {main} has no worker")


def speaker(outcome):
    """The process that answered an echo."""
    assert not outcome.is_error, outcome
    return int(json.loads(outcome.text.split("\n")[0])["result"].rsplit(" ", 1)[1])


def echo(text, **options):
    return Call("fleet", "echo", {"text": text}, **options)


def test_the_bed_without_a_door(workspace, free_port, version):
    server = Server(workspace, free_port(), token="t0ken-direct")
    server.start()
    eventually(server.answers, 30)
    entry = {"type": "http", "url": server.url, "headers": {"Authorization": f"Bearer {server.token}"}}
    (workspace.claude_dir / ".claude.json").write_text(json.dumps({"mcpServers": {"fleet": entry}}))
    session = run_claude(workspace, [echo("one"), Call("fleet", "write", {"text": "two"})], version)
    assert "mcp__fleet__echo" in session.offered
    assert speaker(session.outcomes[0]) and "write two" in session.outcomes[1].text
    assert server.journal[1:] == ["begin write two", "end write two"]


def test_calls_around_a_kill_succeed(fleet, version):
    up(fleet)
    steps = [echo("one"), echo("two", before=lambda: kill_server(fleet)), echo("three")]
    session = run_claude(fleet.workspace, steps, version)
    assert {"mcp__fleet__echo", "mcp__fleet__write"} <= set(session.offered)
    first, second, third = map(speaker, session.outcomes)
    assert first != second == third


def test_a_call_cut_by_a_kill_ends_in_an_honest_error_and_is_not_repeated(fleet, version):
    up(fleet)
    cut = Call("fleet", "write", {"text": "deed", "seconds": 30}, during=kill_when(fleet, "begin write deed"))
    session = run_claude(fleet.workspace, [cut, echo("after")], version)
    told, after = session.outcomes
    assert told.is_error and "nobody knows whether it was done" in told.text, told
    assert told.seconds < 10, told
    assert fleet.journal.count("begin write deed") == 1
    assert speaker(after)


def test_a_harmless_call_cut_by_a_kill_is_repeated(fleet, version):
    up(fleet)
    cut = Call("fleet", "read", {"text": "page", "seconds": 3}, during=kill_when(fleet, "begin read page"))
    session = run_claude(fleet.workspace, [cut], version)
    assert not session.outcomes[0].is_error and "read page" in session.outcomes[0].text
    assert fleet.journal.count("begin read page") == 2


def test_a_server_that_takes_10_seconds_to_come_back_is_waited_for(fleet, version):
    up(fleet)
    fleet.start_takes(10)
    session = run_claude(fleet.workspace, [echo("one"), echo("two", before=lambda: kill_server(fleet))], version)
    one, two = session.outcomes
    assert speaker(one) != speaker(two)
    assert 8 < two.seconds < 40, two


def test_a_server_that_does_not_come_back_is_an_error_within_the_bound(fleet, version):
    up(fleet, hold_timeout="3s")
    fleet.start_takes(50)
    session = run_claude(fleet.workspace, [echo("one"), echo("two", before=lambda: kill_server(fleet))], version)
    told = session.outcomes[1]
    assert told.is_error and "was not sent" in told.text and "workspacectl why fleet" in told.text, told
    assert 2 < told.seconds < 8, told


def test_a_known_server_is_offered_in_the_first_turn_also_in_the_daemons_next_life(fleet, version):
    up(fleet)
    wait_until_known(fleet)
    fleet.workspace.ctl("down")
    fleet.start_takes(10)
    fleet.workspace.ctl("up")
    begun = time.monotonic()
    session = run_claude(fleet.workspace, [echo("early")], version)
    assert {"mcp__fleet__echo", "mcp__fleet__write", "mcp__fleet__read"} <= set(session.offered)
    assert speaker(session.outcomes[0])
    assert time.monotonic() - begun > 8, "the server was there too early for this to be a test"


def test_a_server_nobody_knows_appears_in_a_running_session(fleet, version):
    workspace = fleet.workspace
    fleet.start_takes(10)
    workspace.configure(fleet.service("fleet", claude={"scope": "user"}))
    workspace.ctl("up")
    eventually(lambda: "/mcp/fleet" in (workspace.claude_dir / ".claude.json").read_text(), 5, "Claude Code is told")
    page = workspace.directory / "page"
    page.write_text("nothing of interest")

    # A turn goes by before the older client looks at its tools again.
    look = Call("", "Read", {"file_path": str(page)})
    first = Call("", "Read", {"file_path": str(page)}, before=lambda: wait_until_known(fleet))
    session = run_claude(workspace, [first, look, echo("late")], version)
    assert "mcp__fleet__echo" not in session.offered
    assert speaker(session.outcomes[2])


def test_a_changed_token_is_followed(fleet, version):
    up(fleet)
    steps = [echo("one"), echo("two", before=lambda: fleet.change_token("another-t0ken-of-the-server"))]
    one, two = run_claude(fleet.workspace, steps, version).outcomes
    assert speaker(one) == speaker(two), "the server was not restarted for it"


def test_a_token_that_changes_with_a_restart_is_followed(fleet, version):
    up(fleet)

    def restart():
        fleet.change_token("another-t0ken-of-the-server")
        kill_server(fleet)

    one, two = run_claude(fleet.workspace, [echo("one"), echo("two", before=restart)], version).outcomes
    assert speaker(one) != speaker(two)


def test_a_server_that_hangs_with_an_open_port_is_restarted_and_answers(fleet, version):
    up(fleet, command=fleet.reloading, live=LIVE | {"http": f"http://127.0.0.1:{fleet.port}/health"})

    def kill_worker():
        worker = worker_of(fleet)
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: not is_alive(worker), 5, "the worker is dead")

    one, two = run_claude(fleet.workspace, [echo("one"), echo("two", before=kill_worker)], version).outcomes
    assert speaker(one) != speaker(two)
    assert two.seconds < 30, two


def test_a_call_in_a_worker_that_is_killed_ends_in_an_honest_error(fleet, version):
    up(fleet, command=fleet.reloading, live=LIVE | {"http": f"http://127.0.0.1:{fleet.port}/health"})

    def kill_worker():
        eventually(lambda: "begin write deed" in fleet.journal, 20, "the call is at work")
        os.kill(worker_of(fleet), signal.SIGKILL)

    cut = Call("fleet", "write", {"text": "deed", "seconds": 30}, during=kill_worker)
    told, after = run_claude(fleet.workspace, [cut, echo("after")], version).outcomes
    assert told.is_error and "nobody knows whether it was done" in told.text, told
    assert fleet.journal.count("begin write deed") == 1
    assert speaker(after)


def test_an_orphan_is_not_asked_any_more(fleet, version):
    up(fleet, command=fleet.reloading)
    one, two = run_claude(
        fleet.workspace, [echo("one"), echo("two", before=lambda: kill_server(fleet))], version
    ).outcomes
    orphan = speaker(one)
    assert orphan != speaker(two)
    eventually(lambda: not is_alive(orphan), 5, "the orphan is gone")
