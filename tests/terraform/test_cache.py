"""The template with the real envbuilder provider, which looks for the image while Terraform runs: here it finds neither
the repository nor the registry, and that must not keep a workspace from starting."""

import json

import pytest
from bed import resources

NOWHERE = "127.0.0.1:1"
REPOSITORY = f"http://{NOWHERE}/setup.git"
BUILDER = f"{NOWHERE}/envbuilder:1.3.0"


@pytest.fixture
def nowhere(template, tmp_path):
    """A function: the state of a started workspace in a cluster whose registry does not answer."""
    data = json.loads(template.data.read_text())
    data["kubernetes_config_map_v1"][0]["result"]["data"] = {"registry_url": NOWHERE}
    template.data = tmp_path / "data.json"
    template.data.write_text(json.dumps(data))
    template.parameter("devcontainer_builder", BUILDER)
    template.init()
    return lambda **variables: template.apply("start", repo_url=REPOSITORY, **variables)


def container(state):
    deployment, = resources(state, "kubernetes_deployment_v1")
    only, = deployment["values"]["spec"][0]["template"][0]["spec"][0]["container"]
    return only


def environment(state):
    return {e["name"]: e["value"] for e in container(state)["env"]}


def test_a_registry_that_is_down_costs_time_only(nowhere):
    state = nowhere()
    assert container(state)["image"] == BUILDER
    facts, = resources(state, "coder_metadata")
    shown = {item["key"]: item["value"] for item in facts["values"]["item"]}
    assert shown["cached"] == "no: this start builds the image"


def test_the_builder_is_told_the_same_with_and_without_a_cache(nowhere):
    """What we write out by hand without a cache is what the provider makes of the same arguments."""
    cached = environment(nowhere())
    plain = environment(nowhere(cache_enabled=False))
    changing = {"CODER_AGENT_TOKEN"}
    assert {k: v for k, v in cached.items() if k in plain and k not in changing} == {
        k: v for k, v in plain.items() if k not in changing
    }
    assert {k: v for k, v in cached.items() if k not in plain} == {
        "ENVBUILDER_CACHE_REPO": f"{NOWHERE}/workspaces",
        "ENVBUILDER_CACHE_TTL_DAYS": "30",
        "ENVBUILDER_INSECURE": "true",
        "ENVBUILDER_PUSH_IMAGE": "true",
    }
