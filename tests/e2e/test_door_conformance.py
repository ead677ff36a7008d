"""The MCP conformance suite through the door: what passes without it passes with it.

The server behind is the one of tests/conformance, which offers all fixtures of the suite.
"""

import re
import subprocess

import pytest

from harness import ROOT
from header_proxy import adding_header
from mcp_bed import read_token

SUITE = ROOT / "build/conformance"
SERVER = ROOT / "build/dev/tests/conformance/fixture_server"

@pytest.fixture
def fixtures():
    """Where the suite's fixtures are served."""
    with subprocess.Popen([SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()
            server.wait(10)


def passed(url, revision, output):
    """Names of the scenarios that pass at this address."""
    run = subprocess.run([SUITE / "node", SUITE / "suite.js", "server", "--requirements", revision, "--url", url, "-o",
                          output], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False)
    names = set(re.findall(r"^✓ (\S+):", run.stdout, re.M))
    assert names, run.stdout + run.stderr
    return names


@pytest.mark.timeout(240)
@pytest.mark.parametrize("revision", ["2025-11-25", "2026-07-28"])
def test_no_scenario_fails_through_the_door_that_passes_without_it(workspace, fixtures, tmp_path, revision):
    workspace.configure('[services.fixture]\ncommand = ["sleep", "1000"]\n'
                        f'[mcp.fixture]\nservice = "fixture"\nurl = "{fixtures}"\nclaude = false\n')
    workspace.up()
    direct = passed(fixtures, revision, tmp_path / "direct")
    header = f"Authorization: Bearer {read_token(workspace)}\r\n".encode()
    with adding_header(workspace.http_port, header) as port:
        through = passed(f"http://127.0.0.1:{port}/mcp/fixture", revision, tmp_path / "through")
    assert not direct - through
