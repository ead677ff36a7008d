"""The cluster of the tests itself: it comes up, says what is wrong when it does not, and leaves no process behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cluster import NODE, Cluster, eventually

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")


def processes():
    """(parent, name) of every process by its id; one that has ended and waits for its parent is none."""
    found = {}
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            stat = (directory / "stat").read_text()
            name = (directory / "cmdline").read_bytes().split(b"\0")[0].decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, parent = stat[stat.rindex(")") + 2 :].split()[:2]
        if state != "Z":
            found[int(directory.name)] = int(parent), Path(name).name
    return found


def children(pid):
    return {child: name for child, (parent, name) in processes().items() if parent == pid}


def alive(pids):
    return set(pids) & set(processes())


def test_it_comes_up_whole_and_goes_down_whole(tmp_path):
    with Cluster(tmp_path) as cluster:
        pids = [process.pid for process in cluster.processes]
        assert [Path(process.args[0]).name for process in cluster.processes] == list(PROGRAMS)
        assert not cluster.api.get(NODE)["spec"].get("taints")
    assert not alive(pids)


def test_a_program_that_does_not_start_is_named_and_the_others_end(tmp_path, monkeypatch):
    broken = tmp_path / "kwok"
    broken.write_text("#!/bin/sh\necho 'out of order' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("WORKSPACED_KWOK", str(broken))
    before = children(os.getpid())
    cluster = Cluster(tmp_path)
    with pytest.raises(RuntimeError, match="kwok has ended:\nout of order"), cluster:
        pass
    assert children(os.getpid()) == before


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
def test_whatever_ends_the_program_ends_the_cluster(end, tmp_path):
    program = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "cluster.py")],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout.readline().startswith("export KUBECONFIG=")
        pids = children(program.pid)
        assert sorted(pids.values()) == sorted(PROGRAMS)
        program.send_signal(end)
        program.wait(60)
        eventually(lambda: not alive(pids), "every program has ended", 30)
    finally:
        program.kill()
        program.wait()
    assert end == signal.SIGKILL or list(tmp_path.iterdir()) == []
