"""Sessions of the real Claude Code, while the server behind the door comes, goes, hangs and changes its token."""

import json

import pytest

from claude_bed import NEWEST, OLD, Call, run_claude
from harness import eventually
from mcp_bed import Server

both = pytest.mark.parametrize("version", [NEWEST, OLD])


def tell_claude(workspace, name, url, token):
    """An entry by hand: Claude Code talks to the server without a door."""
    entry = {"type": "http", "url": url, "headers": {"Authorization": f"Bearer {token}"}}
    (workspace.claude_dir / ".claude.json").write_text(json.dumps({"mcpServers": {name: entry}}))


@both
def test_the_bed_itself_without_a_door(workspace, free_port, version):
    server = Server(workspace, free_port(), token="t0ken-direct")
    server.start()
    eventually(server.answers, 20)
    tell_claude(workspace, "direct", server.url, server.token)
    steps = [Call("direct", "echo", {"text": "one"}), Call("direct", "write", {"text": "two"})]
    session = run_claude(workspace, steps, version)
    assert "mcp__direct__echo" in session.offered
    assert "one from" in session.outcomes[0].text and not session.outcomes[0].is_error
    assert "write two" in session.outcomes[1].text
    assert server.journal[1:] == ["begin write two", "end write two"]
