import os

import pytest

import pod as pods
from images import Client

PROGRAMS = {"pinned": "WORKSPACED_REGISTRY", "debian": "WORKSPACED_REGISTRY_DEBIAN"}


@pytest.fixture(scope="session")
def tools(tmp_path_factory):
    return pods.busybox(tmp_path_factory.mktemp("tools") / "bin")


@pytest.fixture
def pod(request, tmp_path, tools):
    """The registry's pod, not started yet, with the version that the manifest names."""
    pod = pods.Pod(tmp_path, os.environ[PROGRAMS[getattr(request, "param", "pinned")]], tools)
    yield pod
    pod.stop()


@pytest.fixture
def cache(pod):
    """The running registry's repository of the workspace cache."""
    pod.start()
    return Client(pod.address, "workspaces")


# Also with the oldest registry that people may have: what prune.sh knows of the storage holds for both.
both_versions = pytest.mark.parametrize("pod", list(PROGRAMS), indirect=True)
