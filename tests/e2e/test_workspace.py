"""The workspace as it is meant: config/workspaced.toml with a real FastMCP server that starts late."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from harness import CLAUDE, DONE, PROGRAMS, PYTHON, ROOT, eventually, is_alive, processes_with, zombies_of

TOKEN = "t0ken-of-the-e2e-test_0123456789abcdefghijk"

# Numbers and order that a round trip through a careless JSON library would change.
FOREIGN = """{
  "zebra": 12345678901234567890,
  "installMethod": "npm",
  "ratio": 2.50,
  "projects": {"/workspaces/setup": {"history": ["caf\\u00e9", "na\u00efve"], "allowedTools": []}},
  "mcpServers": {"other": {"type": "http", "url": "http://127.0.0.1:1/mcp", "unknownKey": 1e3}},
  "apple": null
}"""


@pytest.fixture
def fleet(workspace, free_port):
    """A workspace whose fleet-mcp is not started yet."""
    setup = workspace.make("setup")
    (setup / "bin").mkdir()
    wrapper = setup / "bin/exec"
    wrapper.write_text(f'#!/bin/sh\nsleep 3\nexec {PYTHON} {PROGRAMS / "fleet_mcp.py"}\n')
    wrapper.chmod(0o755)
    (workspace.claude_dir / ".claude.json").write_text(FOREIGN)
    workspace.mcp_port = free_port()
    workspace.first_healthy = workspace.directory / "first_healthy"
    workspace.env |= {
        "WORKSPACED_CONFIG": str(ROOT / "config/workspaced.toml"),
        "WORKSPACE_DIR": str(setup),
        "WORKSPACED_LOG_DIR": str(workspace.logs),
        "WORKSPACED_STATE_DIR": str(workspace.state),
        "WORKSPACED_LISTEN": f"127.0.0.1:{workspace.http_port}",
        "FLEET_MCP_PORT": str(workspace.mcp_port),
        "FLEET_MCP_AUTH_TOKEN": TOKEN,
        "FIRST_HEALTHY": str(workspace.first_healthy),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return workspace


def claude_config(workspace):
    return (workspace.claude_dir / ".claude.json").read_text()


@pytest.mark.alone
def test_up_returns_when_the_late_server_is_healthy(fleet):
    up = fleet.start_ctl("up", "--wait", "--timeout", "60s")
    eventually(lambda: fleet.get("/livez").status == 200, what="the daemon answers")
    before = fleet.get("/health")
    assert before.status == 503, before
    assert not fleet.first_healthy.exists(), "asked too late: the server is healthy already"
    assert up.wait(timeout=60) == DONE, up.stderr.read()
    returned = time.monotonic()
    after = fleet.get("/health")
    late = returned - float(fleet.first_healthy.read_text())
    assert late < 0.3, f"up returned {late:.3f} s after the server's first healthy answer"
    assert after.status == 200, after.text
    assert TOKEN not in (up.stdout.read() + up.stderr.read()).decode()


def test_claude_code_connects_and_foreign_keys_survive(fleet):
    fleet.up("--timeout", "60s")
    entry = f'"http://127.0.0.1:{fleet.http_port}/mcp/fleet-mcp"'
    text = eventually(lambda: entry in claude_config(fleet) and claude_config(fleet), what="the entry is written")
    document = json.loads(text)
    server = document["mcpServers"]["fleet-mcp"]
    assert server["headers"]["Authorization"] == "Bearer " + (fleet.state / "tokens/read").read_text().strip()
    assert TOKEN not in text, "the server's token is ours to add"
    assert os.stat(fleet.claude_dir / ".claude.json").st_mode & 0o777 == 0o600
    del document["mcpServers"]["fleet-mcp"]
    assert document == json.loads(FOREIGN)
    assert list(document) == list(json.loads(FOREIGN)), "the order of keys is kept"
    for literal in ("12345678901234567890", "2.50", "1e3"):
        assert literal in text, f"{literal} is kept as it was written"

    listed = fleet.run(CLAUDE, "mcp", "list", timeout=60)
    line = next((x for x in listed.out.splitlines() if x.startswith("fleet-mcp")), "")
    assert "✔ Connected" in line, listed


def test_a_killed_server_comes_back_and_is_counted(fleet):
    fleet.up("--timeout", "60s")
    daemon = fleet.daemon_pid()
    first = fleet.service("fleet-mcp")["pid"]
    os.kill(first, signal.SIGKILL)
    eventually(lambda: fleet.get("/health").status == 503, 2, "/health says 503 after the server was killed")
    eventually(lambda: fleet.get("/health").status == 200, 30, "/health says 200 again")
    second = fleet.service("fleet-mcp")["pid"]
    assert second != first and not is_alive(first)
    samples = fleet.metrics()
    assert samples['workspaced_service_restarts_total{service="fleet-mcp",cause="signal"}'] == 1
    assert zombies_of(daemon) == []


def test_down_leaves_no_process(fleet):
    fleet.up("--timeout", "60s")
    daemon, server = fleet.daemon_pid(), fleet.service("fleet-mcp")["pid"]
    down = fleet.ctl("down")
    assert not is_alive(server), down
    assert not is_alive(daemon), down
    assert processes_with(fleet.marker) == {}
    assert not fleet.socket.exists()


def test_the_servers_output_is_in_the_log_of_the_workspace(fleet):
    fleet.up("--timeout", "60s")
    log = Path(fleet.service("fleet-mcp")["log_file"])
    assert log.name == "server.log"
    eventually(lambda: "fleet-mcp starts" in log.read_text(), 5, "the server's output is in its log")
