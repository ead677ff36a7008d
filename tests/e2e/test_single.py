"""`workspaced -- command`: one command as the first process of a container, as with tini."""

import os
import signal
import subprocess
import time

import pytest

from harness import BUILD, PYTHON, eventually, processes_with, zombies_of

WORKSPACED = BUILD / "workspaced"


def can_unshare():
    return subprocess.run(["unshare", "--fork", "--pid", "--mount-proc", "true"], capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["true"], 0),
        (["sh", "-c", "exit 7"], 7),
        (["sh", "-c", "kill -TERM $$"], 143),
        (["no-such-program"], 127),
        (["/etc/hostname"], 126),
    ],
)
def test_it_ends_with_the_code_of_its_command(workspace, command, code):
    assert workspace.run(WORKSPACED, "--", *command).code == code


def test_stdin_stdout_and_stderr_are_its_own(workspace):
    done = subprocess.run(
        [WORKSPACED, "--", "sh", "-c", "cat; echo err >&2"], input=b"hello", capture_output=True, env=workspace.env, timeout=10
    )
    assert (done.stdout, done.stderr) == (b"hello", b"err\n")


def test_it_needs_no_configuration_and_writes_no_file(workspace):
    assert workspace.run(WORKSPACED, "--", "true").code == 0
    assert list(workspace.home.iterdir()) == [] and list(workspace.runtime.iterdir()) == []


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP", "USR1", "USR2", "WINCH"])
def test_signals_are_passed_on(workspace, name):
    ready = workspace.directory / "ready"
    script = f"trap 'exit 9' {name}; touch {ready}; while :; do sleep 0.02; done"
    process = workspace.start(WORKSPACED, "--", "sh", "-c", script)
    eventually(ready.exists, what="the trap is set")
    process.send_signal(signal.Signals[f"SIG{name}"])
    assert process.wait(timeout=10) == 9


def test_what_it_leaves_behind_is_killed(workspace):
    process = workspace.start(WORKSPACED, "--", "sh", "-c", "trap '' TERM; sleep 3333 & exit 3")
    assert process.wait(timeout=10) == 3
    assert processes_with(workspace.marker) == {}


@pytest.mark.skipif(not can_unshare(), reason="needs the right to make a PID namespace")
def test_as_pid_1_it_reaps_strangers_and_tells_the_code(workspace):
    script = "import os, time\nfor _ in range(200):\n  if os.fork() == 0:\n    os.fork() or time.sleep(0.01)\n    os._exit(0)\n  os.wait()\ntime.sleep(1.5)\nos._exit(11)"
    init = workspace.start("unshare", "--fork", "--kill-child", "--pid", "--mount-proc", WORKSPACED, "--", PYTHON, "-c", script)
    inside = eventually(lambda: [int(p) for p in subprocess.run(["pgrep", "-P", str(init.pid)], capture_output=True).stdout.split()], what="it runs")[0]
    begun = time.monotonic()
    while time.monotonic() - begun < 1:
        eventually(lambda: zombies_of(inside) == [], 1.0, "every orphan is reaped")
    assert init.wait(timeout=10) == 11


@pytest.mark.skipif(not can_unshare(), reason="needs the right to make a PID namespace")
def test_as_pid_1_a_signal_reaches_the_command(workspace):
    ready = workspace.directory / "ready"
    script = f"trap 'exit 5' TERM; touch {ready}; while :; do sleep 0.02; done"
    init = workspace.start("unshare", "--fork", "--kill-child", "--pid", "--mount-proc", WORKSPACED, "--", "sh", "-c", script)
    eventually(ready.exists, what="the trap is set")
    inside = int(subprocess.check_output(["pgrep", "-P", str(init.pid)]).split()[0])
    os.kill(inside, signal.SIGTERM)
    assert init.wait(timeout=10) == 5


@pytest.mark.parametrize("words", [["--"], ["--config", "x", "--", "true"]])
def test_a_wrong_usage_is_told(workspace, words):
    done = workspace.run(WORKSPACED, *words)
    assert done.code == 2 and "workspaced:" in done.err
