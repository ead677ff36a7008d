"""Start, stop, resize and deletion of the sample workspace, judged by a real API server."""

import pytest

from api import Refused
from cluster import eventually


def quota(namespace, **hard):
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "quota", "namespace": namespace},
        "spec": {"hard": hard},
    }


def test_a_start_is_admitted_and_becomes_available(workspace):
    workspace.start()
    workspace.condition("Available")
    (pod,) = workspace.pods()
    assert pod["status"]["phase"] == "Running"
    assert workspace.claims()[0]["status"]["phase"] == "Bound"


def test_everything_carries_the_workspace_and_its_owner(workspace):
    workspace.start()
    workspace.condition("Available")
    for thing in workspace.deployments() + workspace.pods() + workspace.claims():
        meta = thing["metadata"]
        assert meta["labels"]["com.coder.workspace.id"] == workspace.template.coder["CODER_WORKSPACE_ID"], meta["name"]
        assert meta["annotations"]["com.coder.user.email"] == "ada@example.com", meta["name"]


def test_every_part_that_a_pod_can_have_is_admitted(workspace):
    workspace.start(
        workspaced_image="registry.example.com/workspaced:1.0.0",
        kubernetes_secrets={"HA_TOKEN_2": {"secret": "home-assistant", "key": "token"}},
    )
    workspace.condition("Available")
    spec = workspace.pods()[0]["spec"]
    assert [c["name"] for c in spec["initContainers"]] == ["workspaced"]
    reference = next(e for e in spec["containers"][0]["env"] if e["name"] == "HA_TOKEN_2")
    assert reference["valueFrom"]["secretKeyRef"] == {"name": "home-assistant", "key": "token", "optional": True}


def test_two_workspaces_do_not_take_each_others_pods(workspace, other_workspace):
    workspace.start()
    other_workspace.start()
    workspace.condition("Available")
    other_workspace.condition("Available")
    selectors = [d["spec"]["selector"]["matchLabels"] for d in workspace.deployments() + other_workspace.deployments()]
    pods = workspace.pods() + other_workspace.pods()
    for selector in selectors:
        assert sum(selector.items() <= pod["metadata"]["labels"].items() for pod in pods) == 1, selector


def test_a_stop_keeps_the_volume_and_a_start_finds_it(workspace):
    workspace.start()
    workspace.condition("Available")
    (claim,) = workspace.claims()

    workspace.stop()
    workspace.gone(workspace.deployments)
    workspace.gone(workspace.pods)
    assert [c["metadata"]["uid"] for c in workspace.claims()] == [claim["metadata"]["uid"]]

    workspace.start()
    workspace.condition("Available")
    assert [c["metadata"]["uid"] for c in workspace.claims()] == [claim["metadata"]["uid"]]


def test_a_volume_grows_in_place(workspace):
    workspace.template.parameter("workspaces_volume_size", 10)
    workspace.start()
    workspace.condition("Available")
    (before,) = workspace.claims()

    workspace.template.parameter("workspaces_volume_size", 20, previous=10)
    workspace.start()
    (after,) = workspace.claims()
    assert after["spec"]["resources"]["requests"]["storage"] == "20Gi"
    assert after["metadata"]["uid"] == before["metadata"]["uid"]


def test_more_cpu_and_memory_reach_the_pod(workspace):
    workspace.start()
    workspace.condition("Available")
    workspace.template.parameter("cpu", 3, previous=2)
    workspace.template.parameter("memory", 6, previous=4)
    workspace.start()

    def limits():
        return [p["spec"]["containers"][0]["resources"]["limits"] for p in workspace.pods()]

    eventually(lambda: limits() == [{"cpu": "3", "memory": "6Gi"}], "one pod with the new limits", 30)


def test_a_deletion_leaves_nothing(workspace):
    workspace.start()
    workspace.condition("Available")
    workspace.destroy()
    for what in (workspace.deployments, workspace.pods, workspace.claims):
        workspace.gone(what)
    left = [s["metadata"]["name"] for s in workspace.api.items("Secret", workspace.namespace)]
    assert left == []


def test_a_deletion_of_a_stopped_workspace_leaves_nothing(workspace):
    workspace.start()
    workspace.condition("Available")
    workspace.stop()
    workspace.destroy()
    workspace.gone(workspace.claims)


# ---------------------------------------------------------------- what is refused


def test_a_privileged_workspace_is_refused_by_the_namespace(workspace):
    workspace.start(privileged=True)
    assert 'violates PodSecurity "baseline' in workspace.condition("ReplicaFailure")["message"]
    assert workspace.pods() == []


def test_a_workspace_over_the_quota_gets_no_pod_and_the_reason_is_said(workspace):
    workspace.api.apply(quota(workspace.namespace, **{"limits.cpu": "1"}))
    workspace.start()
    assert "exceeded quota" in workspace.condition("ReplicaFailure")["message"]
    assert workspace.pods() == []


def test_a_volume_over_the_quota_is_refused(workspace):
    thing = quota(workspace.namespace, **{"requests.storage": "5Gi"})
    workspace.api.apply(thing)
    eventually(lambda: workspace.api.get(thing).get("status", {}).get("hard"), "the quota is in force", 30)
    with pytest.raises(Exception, match="exceeded quota"):
        workspace.start()
    assert workspace.claims() == []


def test_a_field_that_kubernetes_does_not_have_is_refused(workspace):
    workspace.start()
    (live,) = workspace.deployments()
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": live["spec"] | {"replica": 1}}
    deployment["metadata"] = {name: live["metadata"][name] for name in ("name", "namespace")}
    with pytest.raises(Refused, match=r"\.spec\.replica"):
        workspace.api.apply(deployment)
