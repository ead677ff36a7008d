"""What the namespaces of deploy/flux refuse: by Pod Security, quota and limits."""

import pytest
from api import Refused


def pod(namespace, **container):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "try", "namespace": namespace},
        "spec": {"containers": [{"name": "dev", "image": "example.com/dev:1"} | container]},
    }


@pytest.mark.parametrize("namespace", ["coder-workspace", "coder"])
def test_a_privileged_pod_is_refused(flux, namespace):
    with pytest.raises(Refused, match='violates PodSecurity "baseline'):
        flux.api.apply(pod(namespace, securityContext={"privileged": True}))


def test_the_pod_of_a_workspace_is_admitted(flux):
    flux.api.apply(pod("coder-workspace", securityContext={"runAsUser": 0}), dryRun="All")


def test_a_container_larger_than_the_template_allows_is_refused(flux):
    flux.api.apply(pod("coder-workspace", resources={"limits": {"cpu": "8", "memory": "16Gi"}}), dryRun="All")
    with pytest.raises(Refused, match="maximum cpu usage per Container is 8"):
        flux.api.apply(pod("coder-workspace", resources={"limits": {"cpu": "9", "memory": "1Gi"}}), dryRun="All")


def test_a_volume_larger_than_the_template_allows_is_refused(flux):
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "try", "namespace": "coder-workspace"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "101Gi"}}},
    }
    with pytest.raises(Refused, match="maximum storage usage per PersistentVolumeClaim is 100Gi"):
        flux.api.apply(claim, dryRun="All")


def deployment(name):
    labels = {"try": name}
    spec = pod("coder-workspace")["spec"]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "coder-workspace"},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def test_one_workspace_too_many_is_refused(flux):
    names = ["one", "two"]
    try:
        for name in names:
            flux.api.apply(deployment(name))
        with pytest.raises(Refused, match="exceeded quota"):
            flux.api.apply(deployment("three"))
    finally:
        for name in names:
            flux.api.delete(deployment(name))
