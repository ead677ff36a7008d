"""A rollout by the documents: a Kubernetes API server with Flux's controller, a Coder server, the world around them, and a
node on which pods run. README.md says what is real and what is played."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
REGISTRY = ROOT / "deploy/flux/base/registry/deployment.yaml"
sys.path[:0] = [str(HERE), *(str(HERE.parent / room) for room in ("cluster", "terraform", "flux", "devcontainer", "docs"))]

import bed  # noqa: E402
import cluster as clusters  # noqa: E402
import coder  # noqa: E402
import flux as fluxes  # noqa: E402
import world  # noqa: E402
from behind import behind  # noqa: E402
from images import Store  # noqa: E402
from node import Node  # noqa: E402


def pytest_configure(config):
    if "WORKSPACED_CODER" not in os.environ:
        raise pytest.UsageError("these tests need a Coder server and more: run them by ./dev test --all")


@pytest.fixture(scope="session")
def home():
    """Where everything is kept. PostgreSQL, which is not root, must come through to what is its own."""
    with tempfile.TemporaryDirectory(prefix="workspaced-rollout-") as directory:
        os.chmod(directory, 0o711)
        yield Path(directory)


def busybox(home):
    (home / "busybox/bin").mkdir(parents=True)
    shutil.copy("/bin/busybox", home / "busybox/bin/busybox")
    for name in ("sh", "cp", "chmod", "ln", "echo", "cat"):
        (home / "busybox/bin" / name).symlink_to("busybox")
    return home / "busybox"


@pytest.fixture(scope="session")
def outside(home):
    """The world: names, certificates, a server for Git, and images under the names that people give them."""
    certificate, key = world.enter(home)
    repositories = home / "git"
    repositories.mkdir()
    store = Store(home / "images")
    with world.image_registry(home / "registry", certificate, key), world.serving(repositories, certificate, key):
        yield SimpleNamespace(repositories=repositories, store=store)


@pytest.fixture(scope="session")
def images(outside, home):
    """What people find in registries. The base of their devcontainer has what the fallback image lacks: Claude Code; moon and
    fleet-mcp, both played."""
    push = outside.store.push
    builder = (os.environ["WORKSPACED_ENVBUILDER"], "/.envbuilder/bin/envbuilder")
    push(image_of("builder_image"), contents=[builder], env=["KANIKO_DIR=/.envbuilder"], entrypoint=[builder[1]])
    push(image_of("fallback_image"), contents=[(os.environ["WORKSPACED_WORKSPACE_ROOT"], "/")], user="coder")
    (packages,) = (ROOT / "build/venv/lib").glob("python3*/site-packages")
    server = HERE.parent / "e2e/programs/fleet_mcp.py"
    push(
        "registry.example.com/base:12",
        base=image_of("fallback_image"),
        contents=[
            (packages, f"/usr/local/lib/{packages.parent.name}/dist-packages"),
            (HERE / "played/moon", "/usr/local/bin/moon"),
            ((ROOT / "build/npm/claude").resolve(), "/usr/local/bin/claude"),
            (server, "/usr/local/share/fleet_mcp.py"),
        ],
    )
    registry = next(line.split()[-1] for line in REGISTRY.read_text().splitlines() if "image:" in line)
    push(registry, base=image_of("fallback_image"), contents=[(os.environ["WORKSPACED_REGISTRY"], "/bin/registry")])
    push("docker.io/library/busybox:1.37", contents=[(busybox(home), "/")])


def image_of(variable):
    """The template's default."""
    text = (ROOT / "terraform/variables.tf").read_text()
    return re.search(rf'variable "{variable}" {{.*?default +=  *"(.*?)"', text, re.DOTALL)[1]


@pytest.fixture(scope="session")
def cluster(outside, images, home):
    """The API server, deploy/flux reconciled in it, and a node that runs its pods."""
    directory = home / "cluster"
    directory.mkdir()
    with clusters.Cluster(directory) as running, fluxes.Artifact() as artifact:
        running.api.apply(clusters.STORAGE_CLASS)
        for name, size in [("pvc-0", "100Gi"), ("pvc-1", "10Gi"), ("pvc-2", "10Gi"), ("pvc-3", "10Gi")]:
            running.api.apply(clusters.volume(name, size))
        fluxes.add_custom_resources(running)
        flux = fluxes.Flux(running, artifact)
        flux.install()
        flux.play_operator(fluxes.CONNECT_TOKEN)
        with Node(running.api, outside.store, home / "node", ["coder", "coder-workspace"]), world.node_port(31500, 5000):
            flux.ready("workspaced")
            world.until_open("127.0.0.1", 5000)  # the registry, of which kwok says that it is ready before it is
            yield running


@pytest.fixture(scope="session")
def checkout(home):
    """What is needed of a checkout of this repository, built; the server initializes the template itself."""
    directory = home / "checkout"
    shutil.copytree(ROOT / "terraform", directory / "terraform", ignore=bed.NOT_THE_TEMPLATE)
    shutil.copytree(ROOT / "deploy/image", directory / "deploy/image")
    (directory / "build/release").mkdir(parents=True)
    shutil.copy(ROOT / "build/release/workspaced", directory / "build/release")
    return directory


@pytest.fixture(scope="session")
def owner(home, outside, cluster, checkout):
    """The administrator, in the checkout."""
    coders_own = cluster.as_service_account("coder", "coder")
    programs = home / "bin"
    programs.mkdir()
    for name in ("docker", "kubectl"):
        (programs / name).symlink_to(HERE / "played" / name)
    (programs / "coder").symlink_to(os.environ["WORKSPACED_CODER"])
    (home / "coder").mkdir()
    with (
        behind(coders_own.api) as address,
        coder.server(
            home / "coder",
            {
                "TF_CLI_CONFIG_FILE": f"{os.environ['WORKSPACED_SETTINGS']}/cluster.rc",
                "CHECKPOINT_DISABLE": "1",
                "KUBE_CONFIG_PATH": str(coders_own.kubeconfig),
                "WORKSPACED_STANDIN_KUBERNETES": address,
                "WORKSPACED_STANDIN_DATA": str(bed.SAMPLE / "data.json"),
            },
        ),
    ):
        yield coder.Owner(
            home / "owner",
            checkout,
            PATH=f"{programs}:{os.environ['PATH']}",
            KUBECONFIG=str(cluster.kubeconfig),
            WORKSPACED_KUBECTL=os.environ["WORKSPACED_KUBECTL"],
            WORKSPACED_STORE=" ".join(map(str, outside.store.options)),
            WORKSPACED_PODS=str(home / "node/pods"),
        )


DOCKERFILE = """\
FROM registry.example.com/base:12
USER root
RUN mkdir -p /usr/local/share/setup
COPY motd /usr/local/share/setup/motd
USER coder
"""


class Repository:
    """The team's repository on the Git server, and a checkout of it here."""

    def __init__(self, checkout, bare):
        self.checkout = checkout
        checkout.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        wrapper = checkout / "bin/exec"
        wrapper.parent.mkdir()
        wrapper.write_text('#!/bin/sh\nexec "$@"\n')
        wrapper.chmod(0o755)
        self.commit("bin/exec")
        self.git("clone", "--quiet", "--bare", checkout, bare)
        subprocess.run(["git", "-C", bare, "config", "http.receivepack", "true"], check=True)
        self.git("remote", "add", "origin", bare)
        self.git("push", "--quiet", "origin", "main:feature/x")

    def git(self, *words):
        subprocess.run(["git", "-C", self.checkout, *words], check=True, capture_output=True)

    def commit(self, message):
        self.git("add", "--all")
        self.git("-c", "user.name=ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message", message)

    def add_devcontainers(self, feature):
        """On main one by a Dockerfile; on feature/x one with the feature, which lies beside it. Services are the template's."""
        directory = self.checkout / ".devcontainer"
        directory.mkdir()
        self.describe({"build": {"dockerfile": "Dockerfile"}})
        (directory / "Dockerfile").write_text(DOCKERFILE)
        (directory / "motd").write_text("built\n")
        self.commit("a devcontainer")
        self.git("push", "--quiet", "origin", "main")
        shutil.copytree(feature, directory / "workspaced")
        self.describe({"image": "registry.example.com/base:12", "features": {"./workspaced": {}}})
        self.commit("a devcontainer with a feature")
        self.git("push", "--quiet", "origin", "main:feature/x")

    def describe(self, devcontainer):
        (self.checkout / ".devcontainer/devcontainer.json").write_text(json.dumps(devcontainer))


@pytest.fixture(scope="session")
def repository(home, outside):
    (outside.repositories / "team").mkdir()
    return Repository(home / "setup", outside.repositories / "team/setup.git")


@pytest.fixture(scope="session")
def feature(home):
    directory = home / "feature"
    package = [ROOT / "devcontainer/feature/package.sh", directory, ROOT / "build/release/workspaced"]
    subprocess.run(package, check=True, capture_output=True)
    return directory
