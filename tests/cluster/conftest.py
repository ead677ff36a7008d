"""Tests of the template and of deploy/flux against a real Kubernetes API server. `./dev` names the programs in the environment."""

import contextlib
import functools
import itertools
import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "terraform"), str(HERE.parent / "flux")]

import bed  # noqa: E402
import cluster as clusters  # noqa: E402
import flux as fluxes  # noqa: E402
from behind import behind  # noqa: E402
from workspace import Workspace  # noqa: E402


def pytest_configure(config):
    if "WORKSPACED_KUBERNETES" not in os.environ:
        raise pytest.UsageError("these tests need a Kubernetes API server: run them by ./dev test --all")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """The API server of all tests; each test has its own namespace."""
    with clusters.Cluster(tmp_path_factory.mktemp("cluster")) as running:
        running.api.apply(clusters.STORAGE_CLASS)
        yield running


numbers = itertools.count()


def make_namespace(cluster):
    """A namespace that admits what Pod Security calls baseline, and a volume to be claimed."""
    name = f"workspaces-{next(numbers)}"
    cluster.api.apply(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": {"pod-security.kubernetes.io/enforce": "baseline"}},
        }
    )
    cluster.api.apply(clusters.volume(name, "10Gi"))
    return name


@pytest.fixture(scope="session")
def stand_behind():
    """A function: the address of somebody who plays the Kubernetes provider with the rights of this API."""
    with contextlib.ExitStack() as stack:
        yield functools.cache(lambda api: stack.enter_context(behind(api)))


@pytest.fixture
def workspace(cluster, stand_behind, tmp_path):
    """The sample workspace, in the hands of Terraform and of the API server."""
    template = bed.Template(tmp_path / "one", settings="cluster").init()
    return Workspace(template, cluster, make_namespace(cluster), stand_behind)


@pytest.fixture
def other_workspace(cluster, stand_behind, tmp_path):
    """Another one of the same user, in a namespace of its own: there is one volume in each."""
    template = bed.Template(tmp_path / "two", settings="cluster").init()
    template.coder |= {"CODER_WORKSPACE_ID": "8a1f6d0e-55aa-4b1c-8f57-2c9b7d1e0f22", "CODER_WORKSPACE_NAME": "other"}
    return Workspace(template, cluster, make_namespace(cluster), stand_behind)


@pytest.fixture(scope="session")
def known(cluster):
    """The cluster with the custom resources of Flux and the operators."""
    fluxes.add_custom_resources(cluster)
    return cluster


@pytest.fixture(scope="session")
def artifact():
    with fluxes.Artifact() as served:
        yield served


@pytest.fixture(scope="session")
def controller(known, artifact):
    return fluxes.Flux(known, artifact, quota_workspaces="2")


@pytest.fixture
def flux(controller):
    """The example, reconciled and ready, whatever the test before did to it."""
    fluxes.offer_volume(controller.api)
    controller.install()
    controller.play_operator(fluxes.CONNECT_TOKEN)
    controller.ready("workspaced")
    controller.play_operator(fluxes.LOGSTREAM)
    controller.ready("workspaced-monitoring", "workspaced-logstream")
    return controller


@pytest.fixture
def coder(known, flux):
    return known.as_service_account("coder", "coder")
