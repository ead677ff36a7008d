"""What is seen of the front doors: in metrics, status and why."""

import os
import signal

import pytest

from harness import eventually, is_alive
from mcp_bed import Server, knock


@pytest.fixture
def fleet(workspace, free_port):
    server = Server(workspace, free_port(), token="t0ken-of-the-server")
    workspace.configure(server.service("fleet", claude=False))
    workspace.up()
    return server


def kill(server):
    pid = server.workspace.service("fleet")["pid"]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not is_alive(pid), 5, "the server is dead")


def door_of(workspace):
    (door,) = workspace.request_unix("GET", "/v1/services").json["doors"]
    return door


def figure(workspace, name, **labels):
    text = ",".join(f'{key}="{value}"' for key, value in ({"server": "fleet"} | labels).items())
    return workspace.metrics()[f"workspaced_mcp_{name}{{{text}}}"]


def requests(workspace, outcome):
    return figure(workspace, "requests_total", outcome=outcome)


def test_requests_are_counted_by_how_they_ended(fleet, workspace):
    with knock(workspace, "fleet") as client:
        client.open()
        known = requests(workspace, "known")
        client.ask("ping")
        assert requests(workspace, "known") == known + 1
        answered, timed = requests(workspace, "answered"), figure(workspace, "request_seconds_count")
        client.call("echo", text="hello")
        assert requests(workspace, "answered") == answered + 1
        assert figure(workspace, "request_seconds_count") == timed + 1
        assert "error" in client.send("no/such/method").answer()
        assert requests(workspace, "error") == 1
    with knock(workspace, "fleet", session="made-up") as stranger:
        assert stranger.send("ping").status == 404
    assert requests(workspace, "refused") == 1
    assert door_of(workspace)["requests"]["refused"] == 1


def test_calls_that_are_cut_are_counted_as_lost_or_replayed(fleet, workspace):
    with knock(workspace, "fleet") as writer, knock(workspace, "fleet") as reader:
        writer.open(), reader.open()
        writer.begin_without_header("write", text="it", seconds=2)
        reader.begin_without_header("read", text="it", seconds=2)
        eventually(lambda: {"begin write it", "begin read it"} <= set(fleet.journal), 20)
        kill(fleet)
        eventually(lambda: "end read it" in fleet.journal, 20)
        eventually(lambda: requests(workspace, "lost") == 1, 5)
        assert figure(workspace, "calls_replayed_total") == 1
        assert door_of(workspace)["replayed"] == 1


def test_a_client_that_leaves_is_counted_as_cancelled(fleet, workspace):
    with knock(workspace, "fleet") as client:
        client.open()
        client.begin_without_header("read", text="it", seconds=30)
        eventually(lambda: "begin read it" in fleet.journal, 20)
        assert requests(workspace, "cancelled") == 0
    eventually(lambda: requests(workspace, "cancelled") == 1, 10)


def test_calls_that_wait_are_seen(fleet, workspace):
    door = eventually(lambda: door_of(workspace)["tools"] and door_of(workspace), 10, "the server is known")
    assert door["open"] and door["held"] == 0 and door["server"].startswith("Test server"), door
    assert "open" in workspace.ctl("status", code=None).out
    fleet.start_takes(3)
    kill(fleet)
    with knock(workspace, "fleet") as one, knock(workspace, "fleet") as two:
        one.open(), two.open()
        calls = [one.begin("echo", text="1"), two.begin("echo", text="2")]
        assert door_of(workspace)["held"] == figure(workspace, "held") == 2
        assert figure(workspace, "door_open") == 0
        assert "holding" in workspace.ctl("status", code=None).out
        assert "2 calls waiting" in workspace.ctl("why", "fleet", code=None).out
        for call in calls:
            assert "result" in call.answer()
    assert door_of(workspace)["held"] == figure(workspace, "held") == 0
    assert figure(workspace, "calls_held_total") == 2 and figure(workspace, "door_open") == 1
