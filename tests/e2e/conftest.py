"""Black-box tests: real programs, a world of their own for each test, and nothing left behind.

A test gets a `workspace`: a directory with its own HOME, runtime directory, Claude Code configuration, socket and
ports, in which it writes a configuration and runs the programs. At its end the daemon is told to stop, and the test
fails if any process of it is still alive or a zombie.
"""

import ctypes
import fcntl
import itertools
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import Workspace, children_of, eventually, processes_with  # noqa: E402

PR_SET_CHILD_SUBREAPER = 36


def pytest_configure(config):
    # Orphans of a test come to us instead of to whatever PID 1 is here, so that we see and reap them all.
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Whoever starts us in the background of a shell gives us an ignored SIGINT, and so to every program of a test.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def claim_ports():
    """The first of 400 ports that nobody else has while we run: no other worker, and no run in another checkout."""
    for first in range(20000, 30000, 400):
        claim = open(Path(tempfile.gettempdir()) / f"workspaced-tests-ports-{first}", "a")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        return first, claim
    raise RuntimeError("25 workers run tests already")


def port_numbers():
    """Ports of this worker alone, below the range from which the kernel takes those of clients."""
    first, claim = claim_ports()
    for n in itertools.cycle(range(400)):
        port = first + n
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        yield port


ports = port_numbers()


@pytest.fixture
def free_port():
    """A function: each call gives a port that nobody uses."""
    return lambda: next(ports)


@pytest.fixture
def workspace(free_port):
    # Not tmp_path: a socket's path has 108 bytes at most.
    directory = Path(tempfile.mkdtemp(prefix="wsd-"))
    ours = {pid for pid, _ in children_of(os.getpid())}
    world = Workspace(directory, http_port=free_port())
    try:
        yield world
        world.finish(ours)
    finally:
        world.kill_all()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def init(workspace):
    """Whoever loses his daemon becomes our child, and is reaped as the first process of a machine does it; but not while a
    program runs that is waited for elsewhere."""
    before = {pid for pid, _ in children_of(os.getpid())}
    over, waiting = threading.Event(), threading.Lock()
    run = workspace.run

    def run_undisturbed(*argv, **options):
        with waiting:
            return run(*argv, **options)

    def reap_orphans():
        with waiting:
            ours = {p.pid for p in workspace.started}
            for pid, state in children_of(os.getpid()):
                if state == "Z" and pid not in ours:
                    os.waitpid(pid, os.WNOHANG)

    def go_on():
        while not over.wait(0.002):
            reap_orphans()

    thread = threading.Thread(target=go_on)
    workspace.run = run_undisturbed
    thread.start()
    yield
    workspace.ctl("down", code=None)
    over.set()
    thread.join()

    def all_have_gone():
        reap_orphans()  # who is on his way out has no environment any more, and is no zombie yet
        theirs = {pid for pid, _ in children_of(os.getpid())} - before - {p.pid for p in workspace.started}
        return not theirs and not processes_with(workspace.marker)

    eventually(all_have_gone, what="whoever lost his daemon has gone")
