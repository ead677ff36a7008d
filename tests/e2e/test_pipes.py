"""Coder kills what holds the pipes of its startup script: `up` must leave none of them to the daemon."""

import contextlib
import os
import select
import subprocess
import time

import pytest

from harness import BUILD


def seconds_to_end_of_file(fd, limit):
    begun = time.monotonic()
    while (left := begun + limit - time.monotonic()) > 0:
        if select.select([fd], [], [], left)[0] and os.read(fd, 65536) == b"":
            return time.monotonic() - begun
    return None


def open_files(pid):
    """What its descriptors lead to; a daemon opens and closes some at any time."""
    names = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            names.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return names


@pytest.mark.parametrize("arguments", [["up"], ["up", "--wait"]], ids=" ".join)
def test_pipes_reach_their_end_while_the_daemon_goes_on(workspace, arguments):
    workspace.configure('[services.chatty]\ncommand = ["sh", "-c", "while :; do echo hello; sleep 0.1; done"]\n')
    process = workspace.start_ctl(*arguments)
    assert process.wait(timeout=20) == 0
    for name, pipe in (("stdout", process.stdout), ("stderr", process.stderr)):
        assert seconds_to_end_of_file(pipe.fileno(), 1.0) is not None, f"{name} is still open after a second"
    assert workspace.wait_state("chatty", "ready")
    assert workspace.get("/livez").status == 200


def test_the_standard_streams_of_the_daemon_and_its_services_are_not_the_callers(workspace):
    workspace.configure('[services.idle]\ncommand = ["sleep", "1000"]\n')
    reading, writing = os.pipe()
    with subprocess.Popen(
        [BUILD / "workspacectl", "up", "--wait"],
        env=workspace.env, stdin=reading, stdout=writing, stderr=writing, cwd=workspace.directory,
    ) as up:
        assert up.wait(timeout=20) == 0
    ours = {os.readlink(f"/proc/self/fd/{fd}") for fd in (reading, writing)}
    os.close(reading)
    os.close(writing)
    daemon = workspace.daemon_pid()
    service = workspace.service("idle")["pid"]
    for pid in (daemon, service):
        held = open_files(pid) & ours
        assert not held, f"process {pid} holds {held}"
    assert sorted(map(int, os.listdir(f"/proc/{service}/fd"))) == [0, 1, 2], "a service has its three streams only"
