"""The MCP conformance suite against our library, which offers the suite's fixtures: fixture_server.cpp.

`./dev` installs the suite (dev.sh) and builds the server; WORKSPACED_FIXTURE_SERVER names another build of it.
"""

import json
import os
import re
import subprocess
import threading
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SUITE = ROOT / "build/conformance"
SERVER = Path(os.environ.get("WORKSPACED_FIXTURE_SERVER", ROOT / "build/dev/tests/conformance/fixture_server"))
# Scenarios that a revision of the protocol requires of a server, as frozen in the suite.
REQUIRED = {"2025-11-25": 30, "2026-07-28": 37}


@pytest.fixture
def url():
    """Where the fixtures are served, for one test."""
    with subprocess.Popen([SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        watchdog = threading.Timer(300, server.kill)
        watchdog.start()
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()
            code = server.wait(10)
            watchdog.cancel()
    assert code == 0, "the server ended in order"


def suite(*arguments, timeout=240):
    return subprocess.run([SUITE / "node", SUITE / "suite.js", *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=timeout, check=False)


def required_of_a_server(revision):
    """Names of the scenarios that count."""
    listing = suite("list", "--server", "--requirements", revision).stdout
    section = listing.split("Server scenarios", 1)[1].split("\n\n", 1)[0]
    return set(re.findall(r"^ +- (\S+)", section, re.M))


def failures(output):
    """What failed, from the suite's own records: scenario, check, why."""
    for record in sorted(output.glob("*/checks.json")):
        for check in json.loads(record.read_text()):
            if check["status"] == "FAILURE":
                yield f"{record.parent.name}: {check['id']}: {check.get('errorMessage')}"


@pytest.mark.parametrize("revision", REQUIRED)
def test_what_a_revision_requires_is_there(url, revision, tmp_path):
    done = suite("server", "--requirements", revision, "--url", url, "-o", str(tmp_path), "--expected-failures",
                 str(HERE / "expected-failures.yml"))
    assert done.returncode == 0, "\n".join([done.stdout, done.stderr, *failures(tmp_path)])
    ran = set(re.findall(r"^[✓✗] (\S+):", done.stdout, re.M))
    required = required_of_a_server(revision)
    assert len(required) == REQUIRED[revision] and required <= ran, "every required scenario ran"
