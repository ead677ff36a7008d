"""The front door among strangers: servers that answer garbage, clients that may not come in, and no token told."""

import json
import os
import signal
import time

import pytest

from harness import memory_of, processes_with
from mcp_bed import Server, knock, read_token, toml
from mcp_client import LEGACY, MODERN, Client

MIB = 1 << 20


@pytest.fixture
def garbage(workspace, free_port):
    server = Server(workspace, free_port(), "mcp_garbage")
    workspace.configure(server.service("fleet", claude=False, call_timeout="2s", hold_timeout="5s"))
    workspace.up()
    return server


# ---------------------------------------------------------------- servers


@pytest.mark.parametrize(
    "tool", ["wrong_json", "not_json_rpc", "other_id", "web_page", "nothing", "hang_up", "half", "silence"]
)
@pytest.mark.parametrize("version", [LEGACY, MODERN])
def test_garbage_becomes_an_error_in_time_and_the_door_stays(garbage, workspace, tool, version):
    with knock(workspace, "fleet", version=version, timeout=20) as client:
        client.open()
        begun = time.monotonic()
        answer = client.begin(tool).answer()
        assert "error" in answer, answer
        assert time.monotonic() - begun < 10
        assert client.call("hello") == "hello"


def test_an_endless_line_passes_without_growth_and_ends_with_the_client(garbage, workspace):
    daemon = workspace.daemon_pid()
    with knock(workspace, "fleet") as client:
        client.open()
        assert client.call("hello") == "hello"
        before = memory_of(daemon)
        answer = client.begin("endless_line")
        for _ in range(64):
            assert len(answer.response.read(MIB)) == MIB
        assert memory_of(daemon, "VmHWM") - before < 8 * MIB
        answer.leave()
    with knock(workspace, "fleet") as client:
        client.open()
        assert client.call("hello") == "hello"


def test_an_endless_line_that_must_be_translated_is_an_error(garbage, workspace):
    daemon = workspace.daemon_pid()
    with knock(workspace, "fleet", version=MODERN) as client:
        client.open()
        begun = time.monotonic()
        answer = client.begin("endless_line").answer()
        assert answer["error"]["data"]["reason"] == "too_long", answer
        spent = time.monotonic() - begun
        assert spent < 20, f"refused after {spent:.0f} s only"
    assert memory_of(daemon, "VmHWM") < 128 * MIB


# ---------------------------------------------------------------- clients

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": LEGACY,
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@pytest.mark.parametrize(
    "headers, status",
    [
        ({}, 200),
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Basic dXNlcjpwYXNz"}, 401),
        ({"Origin": "http://evil.example.com"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:3000"}, 200),
        ({"Host": "evil.example.com"}, 403),
        ({"Host": "localhost:1234"}, 200),
        ({"Content-Type": "text/plain"}, 415),
        ({"Accept": "text/html"}, 406),
        ({"MCP-Protocol-Version": "1999-01-01"}, 400),
    ],
    ids=str,
)
def test_who_may_come_in(garbage, workspace, headers, status):
    with knock(workspace, "fleet") as client:
        answer = client.post(INITIALIZE, client.headers("initialize") | headers)
        list_of_messages = answer.response.read()
        assert answer.status == status, list_of_messages


@pytest.mark.parametrize(
    "body, status, code",
    [
        (b'{"jsonrpc":"2.0","id":1,', 400, -32700),
        (b"[]", 400, -32600),
        (b'"ping"', 400, -32600),
        (b'{"id":1,"method":"ping"}', 400, -32600),
        (b'{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}', 400, -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b"[" * 100_000 + b"}", 400, -32700),
        (b"\xff\xfe{}", 400, -32700),
    ],
    ids=lambda value: value[:40].decode(errors="replace") if isinstance(value, bytes) else str(value),
)
def test_what_is_no_message_is_refused(garbage, workspace, body, status, code):
    with knock(workspace, "fleet") as client:
        client.open()
        answer = client.post(body, client.headers("ping"))
        assert answer.status == status
        assert json.loads(answer.response.read())["error"]["code"] == code
        assert client.call("hello") == "hello"


def test_a_session_is_needed_and_ends_when_it_is_told_to(garbage, workspace):
    with knock(workspace, "fleet") as client:
        assert client.send("tools/list").status == 400
    with knock(workspace, "fleet", session="made-up") as client:
        assert client.send("tools/list").status == 404
    with knock(workspace, "fleet") as client:
        client.open()
        client.connection.request("DELETE", client.path, headers=client.headers())
        ended = client.connection.getresponse()
        ended.read()
        assert ended.status in (200, 204)
        assert client.send("tools/list").status == 404


def test_a_door_that_does_not_exist_is_not_found(garbage, workspace):
    answer = workspace.request(
        "POST", "/mcp/fleeet", "{}", {"Authorization": f"Bearer {read_token(workspace)}"}
    )
    assert answer.status == 404 and "did you mean 'fleet'" in answer.text, answer


# ---------------------------------------------------------------- tokens


ANSWERS = [
    "/health",
    "/health/fleet",
    "/readyz?verbose",
    "/metrics",
    "/v1/services",
    "/v1/services/fleet",
    "/v1/services/fleet/logs",
    "/v1/mcp",
]


def everything_written(workspace):
    """Each file of the workspace, with what is in it."""
    for path in workspace.directory.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


def everything_answered(workspace):
    """What the daemon answers to whoever may ask anything, and what its programs print."""
    for path in ANSWERS:
        yield path, workspace.request_unix("GET", path).body
    for command in (["status"], ["status", "--json"], ["why", "fleet"], ["mcp", "status"], ["logs", "fleet"]):
        result = workspace.ctl(*command, code=None)
        yield " ".join(command), (result.out + result.err).encode()


@pytest.mark.parametrize("way", ["literal", "file", "command"])
def test_no_token_is_in_anything_written_or_answered(workspace, free_port, way):
    server = Server(workspace, free_port(), token="s3cret-t0ken-of-the-server-0123456789")
    text = server.service("fleet", claude={"scope": "user"}, call_timeout="5s", hold_timeout="3s")
    pointer = f"bearer_token_file = {toml(str(server.token_file))}\n"
    if way == "literal":
        workspace.env["SERVER_TOKEN"] = server.token
        text = text.replace(pointer, 'bearer_token = "${SERVER_TOKEN}"\n')
    if way == "command":
        text = text.replace(pointer, f"bearer_token_command = {toml(['cat', str(server.token_file)])}\n")
    workspace.configure(text, daemon='log_level = "trace"')
    workspace.up()
    ours = read_token(workspace)
    seen_on_command_lines = []

    def look_at_processes():
        seen_on_command_lines.extend(processes_with(workspace.marker).values())

    for version in (LEGACY, MODERN):
        with knock(workspace, "fleet", version=version) as client:
            client.open(), client.tools()
            client.call("echo", text="hello")
            look_at_processes()
    first = server.token
    server.change_token("an0ther-s3cret-t0ken-of-the-server-987")
    with knock(workspace, "fleet") as client:
        client.open()
        refused = client.begin("echo", text="hello").answer()
        assert ("error" in refused) == (way == "literal"), refused
        assert server.token not in json.dumps(refused) and first not in json.dumps(refused)
    os.kill(workspace.service("fleet")["pid"], signal.SIGKILL)
    with Client(workspace.http_port, "/mcp/fleet", "wrong") as stranger:
        assert stranger.send("ping").status == 401
    look_at_processes()

    for secret in (first, server.token):
        for place, content in [*everything_written(workspace), *everything_answered(workspace)]:
            assert secret.encode() not in content or place == server.token_file, f"the server's token is in {place}"
        assert not any(secret in command for command in seen_on_command_lines)
    entry = workspace.claude_dir / ".claude.json"
    places = {workspace.state / "tokens/read", workspace.state / "registrations.json", entry}
    for place, content in [*everything_written(workspace), *everything_answered(workspace)]:
        if ours.encode() in content:
            assert place in places, f"our token is in {place}"
            assert place.stat().st_mode & 0o077 == 0, f"others may read our token in {place}"
    assert not any(ours in command for command in seen_on_command_lines)
