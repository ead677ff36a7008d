"""deploy/flux in a cluster: taken by the API server, reconciled by Flux, and with the effect that it is meant to have."""

import pytest
from api import Refused
from cluster import eventually
from flux import CONNECT_TOKEN, NAMESPACE, WITHIN, offer_volume
from manifests import EXAMPLE, FLUX, build, everything, example_values, named, substitute, unfilled_values
from schemas import SCHEMAS, schemas

QUOTA = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "workspaces", "namespace": "coder-workspace"}}
MONITOR = {
    "apiVersion": "monitoring.coreos.com/v1",
    "kind": "PodMonitor",
    "metadata": {"name": "workspaces", "namespace": "coder-workspace"},
}


# ---------------------------------------------------------------- the manifests and the server


def test_the_stored_schemas_are_those_of_the_server(known):
    stored = {str(file.relative_to(SCHEMAS)): file.read_text() for file in SCHEMAS.rglob("*.json")}
    served = schemas(known.api)
    assert stored.keys() == served.keys()
    for name, text in served.items():
        assert stored[name] == text, f"{name} is not what the server says: ./dev flux schemas"


def test_the_server_takes_every_object(controller, tmp_path):
    """New ones: of a claim that is there already, not even what is the same could be said again."""
    controller.remove()
    things = substitute(everything(tmp_path), example_values())
    for thing in things:
        if thing["kind"] == "Namespace":
            controller.api.apply(thing)
        if thing["kind"] == "PersistentVolumeClaim":
            eventually(lambda t=thing: not controller.api.exists(t), "the claim of an earlier test is gone", WITHIN)
    for thing in things:
        controller.api.apply(thing, dryRun="All")


def test_what_is_not_filled_in_is_refused(known):
    for namespace in ("coder", NAMESPACE):
        known.api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    with pytest.raises(Refused, match="spec.url"):
        known.api.apply(named(build(EXAMPLE), "GitRepository", "workspaced"), dryRun="All")
    policies = substitute(build(FLUX / "components" / "networkpolicy"), unfilled_values())
    with pytest.raises(Refused, match="cidr"):
        known.api.apply(named(policies, "NetworkPolicy", "registry"), dryRun="All")


# ---------------------------------------------------------------- Flux


def test_the_example_becomes_ready_in_its_order(controller):
    controller.remove()
    offer_volume(controller.api)
    controller.install()
    eventually(lambda: controller.api.exists(CONNECT_TOKEN), "the base is applied", WITHIN)
    assert not controller.api.exists(MONITOR), "monitoring comes when the base is ready, and that waits for the token"
    controller.play_operator(CONNECT_TOKEN)
    controller.ready("workspaced", "workspaced-monitoring")
    assert controller.api.exists(MONITOR)


def test_what_flux_makes_of_the_files_is_what_their_tests_look_at(flux):
    expected = []
    for directory in ("base", "components/quota", "components/networkpolicy", "components/monitoring"):
        expected += substitute(build(FLUX / directory), flux.values)
    for thing in expected:
        assert includes(flux.api.get(thing), thing), thing["metadata"]["name"]


def includes(live, wanted):
    """Does the live object say all that is wanted? Quantities come back in the server's own writing."""
    if isinstance(wanted, dict):
        return all(value is None or key in live and includes(live[key], value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return len(live) == len(wanted) and all(map(includes, live, wanted))
    return live == wanted or str(live) == str(wanted)


def test_reconciling_again_changes_nothing(flux):
    def generations():
        things = flux.api.items("Deployment", "coder", "apps/v1") + flux.api.items("PersistentVolumeClaim", "coder")
        return {thing["metadata"]["uid"]: thing["metadata"].get("generation") for thing in things}

    before = generations()
    flux.reconcile("workspaced")
    assert generations() == before


def test_what_is_left_out_is_pruned(flux):
    assert flux.api.exists(QUOTA)
    thing = named(flux.things, "Kustomization", "workspaced")
    flux.api.patch(thing, {"spec": {"components": ["../components/networkpolicy"]}})
    eventually(lambda: not flux.api.exists(QUOTA), "the quota is gone", WITHIN)


def test_namespaces_outlive_the_kustomization_and_nothing_else_does(flux):
    flux.remove()
    for left in substitute(build(FLUX / "base"), flux.values):
        if left["kind"] == "Namespace":
            assert "deletionTimestamp" not in flux.api.get(left)["metadata"]
        else:
            eventually(lambda t=left: not flux.api.exists(t), f"{left['metadata']['name']} is gone", WITHIN)


def test_the_registry_runs_and_is_found_by_nodes(flux):
    registry = {"metadata": {"name": "registry", "namespace": "coder"}}
    service = flux.api.get(registry | {"apiVersion": "v1", "kind": "Service"})
    assert service["spec"]["ports"][0]["nodePort"] == 31500
    assert flux.api.get(registry | {"apiVersion": "apps/v1", "kind": "Deployment"})["status"]["availableReplicas"] == 1
