"""The component registry-auth: its additions to the registry's container, with the real program."""

import signal
import time

import httpx
import pytest
import yaml

import pod as pods

PATCH = pods.MANIFESTS.parents[1] / "components/registry-auth/registry.yaml"
HTPASSWD = "ada:$2b$04$nuDPVVd/E1BviRGu9wzWMu76ALNoU7Q6cq6erTcjPuvhE9XpszwXa\n"  # sesame


@pytest.fixture
def container():
    (found,) = yaml.safe_load(PATCH.read_text())["spec"]["template"]["spec"]["containers"]
    return found


@pytest.fixture
def guarded(pod, container, tmp_path):
    """The registry as the component changes it."""
    (mount,) = container["volumeMounts"]
    secret = tmp_path / "auth"
    secret.mkdir()
    (secret / "htpasswd").write_text(HTPASSWD)
    settings = {e["name"]: e["value"].replace(mount["mountPath"], str(secret)) for e in container["env"]}
    assert pod.prune()[0] == 0
    process = pod.run("registry", **settings)
    deadline = time.monotonic() + 30
    while probe(pod, container["readinessProbe"]) != 200:
        assert time.monotonic() < deadline and process.poll() is None, "the registry is not healthy"
        time.sleep(0.02)
    yield pod
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)


def probe(pod, wanted):
    """What the kubelet is answered: the named port is the one of the metrics."""
    assert wanted["httpGet"]["port"] == "metrics"
    try:
        return httpx.get(pod.metrics.replace("/metrics", wanted["httpGet"]["path"])).status_code
    except httpx.TransportError:
        return None


def test_nobody_comes_in_without_the_login(guarded):
    address = f"http://{guarded.address}/v2/"
    assert httpx.get(address).status_code == 401
    assert httpx.get(address, auth=("ada", "open")).status_code == 401
    assert httpx.get(address, auth=("ada", "sesame")).status_code == 200


def test_the_kubelet_needs_no_login_for_its_probes(guarded, container):
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert probe(guarded, container[name]) == 200, name
