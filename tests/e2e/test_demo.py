"""`./dev demo`, as a newcomer types it, and in the hands of a script."""

import os
import pty
import re
import subprocess
import time

import pytest

from harness import ROOT, eventually, processes_with

# Both use build/demo, and take it for themselves.
pytestmark = pytest.mark.alone
MARKER = "wsd-demo-test-marker"


def environment():
    return os.environ | {"WORKSPACED_TEST_MARKER": MARKER}


def test_without_a_terminal_it_shows_everything_and_stops():
    done = subprocess.run([ROOT / "dev", "demo"], env=environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=110)
    out = done.stdout.decode()
    assert done.returncode == 0, out + done.stderr.decode()
    codes = re.findall(r"^HTTP/1.1 (\d+)", out, re.M)
    assert codes == ["503", "200"], out
    for name, state in (("prepare", "completed"), ("notes", "ready"), ("clumsy", "ready")):
        assert re.search(rf"^{name} +{state}\b", out, re.M), out
    assert re.search(r'"url": "http://127.0.0.1:\d+/mcp/notes"', out), out
    assert re.findall(r"Bearer (\S+)", out) in ([], ['<redacted>"']), "our token is no one's business"
    assert "What to try next" in out
    assert "\x1b" not in out
    assert processes_with(MARKER) == {}


def test_on_a_terminal_it_stays_until_ctrl_c():
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(ROOT / "dev", ["./dev", "demo"], environment() | {"TERM": "xterm"})
    seen = bytearray()

    def read_until(text):
        while text not in seen:
            seen.extend(os.read(terminal, 65536))

    read_until(b"Following the logs")
    read_until(b"to the next mishap")
    time.sleep(0.5)
    assert os.waitpid(pid, os.WNOHANG) == (0, 0), "it stays"
    os.write(terminal, b"\x03")
    try:
        read_until(b"never to be seen")
    except OSError:
        pass  # the other side is closed
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, seen.decode(errors="replace")
    eventually(lambda: processes_with(MARKER) == {}, 5, "no process is left")
