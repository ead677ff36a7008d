"""The template with the real coder provider: what only Coder's part of the environment can bring about, and what holds
across all of its files and modules. The rest is in terraform/tests."""

import json
import re

import pytest
from bed import SAMPLE, TEMPLATE, Failed, environment_of, resources

# Everything on at once: where two parts set the same name, here it shows.
EVERYTHING = {
    "enable_tasks": True,
    "enable_code_server": True,
    "enable_claude_code": True,
    "fleet_mcp_taskfile": "x.yml",
}
GITHUB_TOKEN = "CODER_EXTERNAL_AUTH_ACCESS_TOKEN_primary-github"


@pytest.fixture
def planned(template):
    """A function: the plan of the sample workspace. No cache: envbuilder's provider would look for a registry."""
    template.init()
    return lambda **variables: template.plan(cache_enabled=False, **variables)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r'data "coder_parameter" "cpu" \{', "\\g<0>\n  mutabel = true"),
        (r'resource "coder_agent" "main" \{', "\\g<0>\n  startup_scrip = true"),
        (r'resource "envbuilder_cached_image" "workspace" \{', "\\g<0>\n  git_urll = 1"),
        (r'resource "kubernetes_deployment_v1" "workspace" \{', "\\g<0>\n  wait_for_rollouts = false"),
        (r"\bimage_pull_policy\b", "image_pull_polcy"),
        (r'data "onepassword_item" "secret" \{', "\\g<0>\n  titel = 1"),
        (r'resource "random_password" "fleet_mcp" \{', "\\g<0>\n  lenght = 1"),
        (r'source\s*= "registry\.coder\.com/coder/claude-code/coder"', "\\g<0>\n  workdri = 1"),
    ],
)
def test_a_misspelling_in_the_template_is_found(judged_template, old, new):
    judged_template.replace(re.compile(old), new)
    problems = judged_template.init().validate()
    assert any(p.startswith("error: Unsupported argument") for p in problems), problems


def test_the_types_of_kubernetes_have_a_version():
    """Those without one are deprecated, and go with the provider's next major version."""
    text = "".join(file.read_text() for file in TEMPLATE.glob("*.tf"))
    used = re.findall(r'^(?:resource|data) "(kubernetes_\w+)"', text, re.MULTILINE)
    assert used and [kind for kind in used if not kind.endswith("_v1")] == []


def test_every_provider_has_a_floor_and_a_ceiling():
    constraints = re.findall(r'^      version = "(.*)"$', (TEMPLATE / "versions.tf").read_text(), re.MULTILINE)
    assert len(constraints) == 5
    for constraint in constraints:
        assert re.fullmatch(r"~> \d+\.\d+|>= [\d.]+, < \d+\.0\.0", constraint), constraint


# ---------------------------------------------------------------- what users choose


def test_the_defaults_are_a_workspace(planned):
    (deployment,) = resources(planned(), "kubernetes_deployment_v1")
    (container,) = deployment["values"]["spec"][0]["template"][0]["spec"][0]["container"]
    assert container["resources"][0]["limits"] == {"cpu": "2", "memory": "4Gi"}


@pytest.mark.parametrize(("name", "value"), [("cpu", 9), ("cpu", 0), ("memory", 17), ("workspaces_volume_size", 101)])
def test_a_number_out_of_range_is_refused(template, planned, name, value):
    template.parameter(name, value)
    with pytest.raises(Failed, match=f'"?{name}|Choose'):
        planned()


def test_a_maximum_is_the_administrators_to_move(template, planned):
    template.parameter("cpu", 9)
    planned(max_cpu=16)


def test_a_volume_never_shrinks(template, planned):
    template.parameter("workspaces_volume_size", 10, previous=20)
    with pytest.raises(Failed, match="equal or greater than previous value: 20"):
        planned()


def test_coder_can_read_every_variable():
    """By its own parser, which `coder templates push` uses (tests/rollout has the real one): an error_message with a function or a
    reference is refused, and a default of null is none."""
    text = (TEMPLATE / "variables.tf").read_text()
    assert not re.findall(r"error_message.*\$\{.*", text)
    assert not re.findall(r"default *= *null", text)


def test_a_volume_may_grow(template, planned):
    template.parameter("workspaces_volume_size", 30, previous=20)
    (claim,) = resources(planned(), "kubernetes_persistent_volume_claim_v1")
    assert claim["values"]["spec"][0]["resources"][0]["requests"] == {"storage": "30Gi"}


def test_a_renaming_leaves_the_volume_as_it_is(template):
    """Labels name workspace and owner. The pod gets new ones; on the volume they stay what they were at first."""
    template.init().apply(cache_enabled=False)
    template.coder |= {"CODER_WORKSPACE_NAME": "renamed", "CODER_WORKSPACE_OWNER_EMAIL": "countess@example.com"}
    plan = template.plan(cache_enabled=False, storage_class="another")
    actions = {change["type"]: change["change"]["actions"] for change in plan["resource_changes"]}
    assert actions["kubernetes_persistent_volume_claim_v1"] == ["no-op"]
    assert actions["kubernetes_deployment_v1"] == ["update"]


@pytest.mark.parametrize("branch", ["'; rm -rf /", "a b", "-x", "../x$(id)"])
def test_a_branch_that_is_none_is_refused(template, planned, branch):
    template.parameter("git_branch", branch)
    with pytest.raises(Failed, match="branch"):
        planned()


# ---------------------------------------------------------------- GitHub


def test_github_connected(planned):
    assert environment_of(planned())["GH_TOKEN"] == "sample-github-token"


def test_github_not_connected_yet_sets_nothing(template, planned):
    del template.coder[GITHUB_TOKEN]
    assert "GH_TOKEN" not in environment_of(planned(github_auth_required=False))


def test_a_server_without_github_is_not_asked(template, planned):
    del template.coder[GITHUB_TOKEN]
    plan = planned(github_external_auth_id="")
    asked = plan.get("prior_state", {}).get("values", {}).get("root_module", {}).get("resources", [])
    assert "GH_TOKEN" not in environment_of(plan)
    assert [r["address"] for r in asked if r["type"] == "coder_external_auth"] == []


# ---------------------------------------------------------------- what only an apply can tell

NOBODY_THERE = "127.0.0.1:1"  # no server has this port


def container_of(state):
    (deployment,) = resources(state, "kubernetes_deployment_v1")
    (container,) = deployment["values"]["spec"][0]["template"][0]["spec"][0]["container"]
    return container


def test_the_agent_comes_from_inside_the_cluster(template):
    """By what the real provider makes of Coder's init script: every address in it is the one that pods reach."""
    state = template.init().apply(cache_enabled=False, coder_url="http://coder.coder.svc.cluster.local")
    environment = {e["name"]: e["value"] for e in container_of(state)["env"]}
    script = environment["ENVBUILDER_INIT_SCRIPT"]
    assert "BINARY_URL=http://coder.coder.svc.cluster.local/bin/coder-linux-" in script
    assert 'CODER_AGENT_URL="http://coder.coder.svc.cluster.local/"' in script
    assert "coder.example.com" not in script
    assert environment["CODER_AGENT_URL"] == "http://coder.coder.svc.cluster.local/"


def test_a_registry_that_is_down_means_a_build_not_a_failure(template, tmp_path):
    found = json.loads(template.data.read_text())
    found["kubernetes_config_map_v1"][0]["result"]["data"] = {"registry_url": NOBODY_THERE}
    template.data = tmp_path / "data.json"
    template.data.write_text(json.dumps(found))
    template.parameter("devcontainer_builder", f"{NOBODY_THERE}/builder:1.3.0")
    state = template.init().apply(repo_url=f"http://{NOBODY_THERE}/repository.git")
    (cached,) = resources(state, "envbuilder_cached_image")
    assert cached["values"]["exists"] is False
    container = container_of(state)
    assert container["image"] == f"{NOBODY_THERE}/builder:1.3.0"
    assert {e["name"]: e["value"] for e in container["env"]}["ENVBUILDER_CACHE_REPO"] == f"{NOBODY_THERE}/workspaces"


# ---------------------------------------------------------------- across files and modules


@pytest.mark.parametrize("variables", [{}, EVERYTHING], ids=["by default", "everything on"])
def test_nothing_is_set_twice(planned, variables):
    plan = planned(**variables)
    for kind, key in (("coder_env", "name"), ("coder_app", "slug"), ("coder_script", "display_name")):
        names = [r["values"][key] for r in resources(plan, kind)]
        assert sorted(names) == sorted(set(names)), kind


def test_extensions_are_installed_by_code_server(planned):
    plan = planned(enable_code_server=True, code_server_extensions=["golang.go"])
    (script,) = [r for r in resources(plan, "coder_script") if r["values"]["display_name"] == "code-server"]
    assert "golang.go" in script["values"]["script"]


def test_presets_set_only_parameters_that_exist(planned):
    found = planned()["prior_state"]["values"]["root_module"]["resources"]
    parameters = {r["values"]["name"] for r in found if r["type"] == "coder_parameter"}
    presets = [r["values"] for r in found if r["type"] == "coder_workspace_preset"]
    assert {p["name"] for p in presets} >= {"Coder", "Operator", "Researcher"}
    assert [p["name"] for p in presets if p["default"]] == ["Coder"]
    for preset in presets:
        assert set(preset["parameters"]) <= parameters, preset["name"]


def test_nobodys_names_are_in_the_template():
    for file in TEMPLATE.rglob("*.tf*"):
        assert not re.search("vgijssel|kzsqg7", file.read_text()), file


# ---------------------------------------------------------------- secrets

SECRETS = re.compile(r"sample-(?:claude-token|perplexity-key|home-assistant-password|github-token|session-token)")


def test_what_people_read_of_a_plan_has_no_secret(template, planned):
    planned(**EVERYTHING)
    assert SECRETS.findall(template.terraform("show", "-no-color", "plan").ok().output) == []


def test_secrets_are_planned_only_where_they_are_used(planned):
    """In coder_env, and the git password in the pod's environment: nowhere else, metadata and scripts least of all."""
    for resource in resources(planned(**EVERYTHING), *all_kinds(planned())):
        if resource["type"] == "coder_env":
            continue
        values = resource["values"]
        if resource["type"] == "kubernetes_deployment_v1":
            (container,) = values["spec"][0]["template"][0]["spec"][0]["container"]
            container["env"] = [e for e in container["env"] if e["name"] != "ENVBUILDER_GIT_PASSWORD"]
        assert SECRETS.findall(str(values)) == [], resource["address"]


def all_kinds(plan):
    return {change["type"] for change in plan["resource_changes"]}


def test_the_sample_secrets_are_those_that_the_tests_look_for():
    """Otherwise the two tests above would pass by looking for nothing."""
    text = (SAMPLE / "data.json").read_text() + (SAMPLE / "coder.json").read_text()
    assert len(set(SECRETS.findall(text))) == 5
