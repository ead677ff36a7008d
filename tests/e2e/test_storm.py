"""200 services that crash at once, over and over, beside one that works: nobody else may notice."""

import os
import statistics
import time

import pytest

from harness import PROGRAMS, PYTHON, eventually, memory_of, open_fds, processes_with, zombies_of

SECONDS = float(os.environ.get("STORM_SECONDS", "30"))
CRASHING = 200


def crashing_services():
    for i in range(CRASHING):
        yield f'''
[services.crash-{i}]
command = ["false"]
required = false
backoff = {{ initial = "100ms", factor = 1.0, attempts = 0 }}
'''


@pytest.mark.alone
def test_a_storm_of_crashes_does_not_disturb_the_healthy_service(workspace, free_port):
    port = free_port()
    workspace.configure("".join(crashing_services()) + f'''
[services.healthy]
command = ["{PYTHON}", "{PROGRAMS / 'web.py'}", "{port}"]
ready = {{ http = "http://127.0.0.1:{port}/health" }}
live = {{ http = "http://127.0.0.1:{port}/health", interval = "500ms", timeout = "1s", failure_threshold = 2 }}
''')
    up = workspace.up("--timeout", "30s")
    assert up.seconds < 10, f"up took {up.seconds:.1f} s: the news of the healthy one waits behind those of the others"
    daemon, pid = workspace.daemon_pid(), workspace.service("healthy")["pid"]
    samples_before = workspace.metrics()
    fds_before = open_fds(daemon)

    answers = []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        asked = time.monotonic()
        answer = workspace.get("/health")
        answers.append(time.monotonic() - asked)
        assert answer.status == 200, answer.text
        time.sleep(0.02)

    crashes = restarts(workspace.metrics()) - restarts(samples_before)
    assert crashes > CRASHING * SECONDS * 2, f"only {crashes:.0f} restarts in {SECONDS} s: this is no storm"
    p99 = statistics.quantiles(answers, n=100)[98]
    highest = memory_of(daemon, "VmHWM")
    print(f"{crashes:.0f} restarts, /health p99 {p99 * 1000:.1f} ms, highest memory {highest / 1e6:.1f} MB")
    assert p99 < 0.1, f"p99 of /health is {p99 * 1000:.0f} ms"
    assert highest < 30e6, f"the daemon used {highest / 1e6:.1f} MB"
    healthy = workspace.service("healthy")
    assert (healthy["state"], healthy["pid"]) == ("ready", pid), healthy
    assert open_fds(daemon) <= fds_before + 3 * CRASHING, "a run holds three descriptors, and only while it lasts"
    assert len(zombies_of(daemon)) <= CRASHING

    down = workspace.ctl("down", timeout=30)
    assert processes_with(workspace.marker) == {}, down


def restarts(samples):
    return sum(v for k, v in samples.items() if k.startswith("workspaced_service_restarts_total"))


def test_no_fd_leaks_over_many_crashes(workspace):
    workspace.configure('''
[services.crash]
command = ["false"]
required = false
backoff = { initial = "5ms", factor = 1.0, max = "5ms", attempts = 0 }
''')
    workspace.up()
    daemon = workspace.daemon_pid()

    def runs_reached(n):
        eventually(lambda: workspace.service("crash")["run"] >= n, 60)

    runs_reached(20)
    # The lowest of many looks: between two runs, and no client is there.
    early = min(open_fds(daemon) for _ in range(1000))
    runs_reached(300)
    eventually(lambda: open_fds(daemon) <= early, 10, f"it has {early} descriptors open again")
