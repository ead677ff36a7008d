"""The pod as Kubernetes starts, moves and stops it."""

import fcntl
import subprocess
import threading
import time

import httpx
import pytest

from conftest import both_versions
from images import image


@both_versions
def test_an_empty_volume_is_fine(pod):
    assert "failed" not in pod.start()


def test_a_new_pod_waits_until_the_old_one_has_ended(pod, cache):
    """An evicted pod is replaced at once and may still be writing."""
    cache.push(image("build"), "latest")
    second = pod.run("prune")
    with pytest.raises(subprocess.TimeoutExpired):
        second.communicate(timeout=1)
    cache.push(image("late"), "late")
    pod.stop()
    output, _ = second.communicate(timeout=30)
    assert second.returncode == 0, output
    pod.start()
    cache.assert_whole(image("late"), "late")


def test_a_registry_does_not_start_while_its_volume_is_pruned(pod, cache):
    pod.stop()
    lock = open(pod.data / ".lock", "a")
    fcntl.flock(lock, fcntl.LOCK_EX)
    process = pod.run("registry")
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=1)
    assert not pod.answers()
    lock.close()
    wait_until(pod.answers)
    process.terminate()
    process.communicate(timeout=30)


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@both_versions
def test_a_push_under_way_may_end_when_the_pod_is_stopped(pod, cache):
    """And without one the pod ends at once."""
    layer = b"x" * 100_000
    upload = cache.http.post("/blobs/uploads/")
    go_on = threading.Event()

    def slowly():
        yield layer[:50_000]
        go_on.wait(timeout=30)
        yield layer[50_000:]

    answers = []
    push = threading.Thread(target=lambda: answers.append(
        cache.http.patch(upload.headers["Location"], content=slowly()).status_code))
    push.start()
    wait_until(lambda: any(path.stat().st_size for path in pod.data.rglob("_uploads/*/data")))
    pod.process.terminate()
    wait_until(lambda: not pod.answers())
    go_on.set()
    push.join(timeout=30)
    assert answers == [202]
    assert pod.process.wait(timeout=10) == 0


def test_the_figures_are_on_a_port_of_their_own(pod, cache):
    cache.push(image("build"), "latest")
    figures = httpx.get(pod.metrics)
    assert figures.status_code == 200 and "registry_http_requests_total" in figures.text
    assert cache.http.get(f"http://{pod.address}/metrics").status_code == 404
