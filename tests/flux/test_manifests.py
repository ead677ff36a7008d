"""deploy/flux as files: everything builds, is of the right form, has its variables, and agrees with the template."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from manifests import (
    COMPONENTS,
    EXAMPLE,
    FLUX,
    ROOT,
    STANDALONE,
    build,
    build_with,
    everything,
    example,
    example_values,
    named,
    substitute,
    unfilled_values,
    variables,
)

SCHEMAS = Path(__file__).parent / "schemas"
DIRECTORIES = [FLUX / "base", EXAMPLE / "coder", *(FLUX / "components" / name for name in STANDALONE)]
TEMPLATE = (ROOT / "terraform" / "variables.tf").read_text()
PINNED = re.compile(r"^[^:@]+(/[^:@]+)*(:[^:@]*\d[^:@]*(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$")


def default_of(variable):
    """The default of a variable of the template."""
    return re.search(rf'variable "{variable}" {{.*?default\s+= "?([^"\n]+)', TEMPLATE, re.DOTALL)[1]


def kubeconform(things):
    """What is wrong with these objects; nothing when all is well."""
    done = subprocess.run(
        [
            os.environ["WORKSPACED_KUBECONFORM"],
            "-strict",
            "-schema-location",
            f"{SCHEMAS}/{{{{.Group}}}}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json",
        ],
        input=yaml.safe_dump_all(things),
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout + done.stderr if done.returncode else ""


# ---------------------------------------------------------------- form


@pytest.mark.parametrize("directory", DIRECTORIES, ids=lambda path: str(path.relative_to(FLUX)))
def test_it_builds_and_every_object_is_of_the_right_form(directory):
    assert kubeconform(substitute(build(directory), example_values())) == ""


def test_the_example_is_of_the_right_form_once_it_is_filled_in():
    assert kubeconform(example()) == ""
    assert "/spec/url" in kubeconform(build(EXAMPLE))


def test_all_components_together_are_of_the_right_form(tmp_path):
    assert kubeconform(substitute(everything(tmp_path), example_values())) == ""


@pytest.mark.parametrize(
    "kind, change",
    [
        ("Role", {"rule": []}),
        ("Namespace", {"metadata": {"name": "coder", "label": {}}}),
        ("OnePasswordItem", {"spec": {"itempath": "vaults/a/items/b"}}),
    ],
)
def test_a_misspelt_field_is_found(kind, change):
    thing = next(t for t in substitute(build(FLUX / "base"), example_values()) if t["kind"] == kind)
    assert "additional" in kubeconform([thing | change])


def test_a_kind_without_a_schema_is_found():
    assert "could not find schema" in kubeconform([{"apiVersion": "v1", "kind": "Nonsense", "metadata": {"name": "a"}}])


def test_a_component_for_the_helm_release_of_coder_needs_its_list(tmp_path):
    release = named(build(EXAMPLE / "coder"), "HelmRelease", "coder")
    del release["spec"]["values"]["coder"]["env"]
    target = tmp_path / "coder"
    target.mkdir()
    (target / "kustomization.yaml").write_text("resources: [release.yaml]\n")
    (target / "release.yaml").write_text(yaml.safe_dump(release))
    with pytest.raises(ValueError, match="/spec/values/coder/env"):
        build_with(["coder-connect-env"], tmp_path, target)


# ---------------------------------------------------------------- variables


def documented_variables():
    """variables.yaml: what is set there, and what is shown with its default behind a #."""
    text = (EXAMPLE / "variables.yaml").read_text()
    optional = yaml.safe_load("\n".join(re.findall(r"^  # (\w+: .*)$", text, re.MULTILINE)))
    return unfilled_values(), optional


def test_the_one_file_has_every_variable_with_its_default(tmp_path):
    required, optional = documented_variables()
    used = variables(everything(tmp_path))
    assert {n for n, default in used.items() if default is None} == {n for n in required if "repository" not in n}
    assert {n: default for n, default in used.items() if default is not None} == optional


def test_a_variable_has_the_same_default_everywhere(tmp_path):
    texts = [path.read_text() for path in FLUX.rglob("*.yaml")]
    for name, default in variables(everything(tmp_path)).items():
        found = {d for text in texts for d in re.findall(rf"\$\{{{name}(?::=([^}}]*))?\}}", text)}
        assert found == {default or ""}, name


def test_the_source_comes_from_the_one_file(tmp_path):
    copy = shutil.copytree(EXAMPLE, tmp_path / "cluster")
    file = copy / "variables.yaml"
    text = file.read_text().replace('repository_url: ""', "repository_url: https://git.example.com/copy.git")
    file.write_text(text.replace("repository_branch: main", "repository_branch: stable"))
    spec = named(build(copy), "GitRepository", "workspaced")["spec"]
    assert (spec["url"], spec["ref"]["branch"]) == ("https://git.example.com/copy.git", "stable")


# ---------------------------------------------------------------- agreement with the template and among themselves


@pytest.fixture
def things(tmp_path):
    return substitute(everything(tmp_path), example_values())


def test_the_template_finds_the_config_map(things):
    found = named(things, "ConfigMap", default_of("config_map_name"))
    assert found["metadata"]["namespace"] == default_of("config_map_namespace")
    assert set(found["data"]) == {"registry_url", "registry_pull_url", "coder_url"}


def test_the_template_finds_the_namespace(things):
    assert named(things, "Namespace", default_of("namespace"))


def test_builds_speak_plain_http_to_the_registry_because_of_its_name(things):
    host, port = named(things, "ConfigMap", "coder-workspace-config")["data"]["registry_url"].split(":")
    assert host.endswith(".local") and port.isdigit()


def test_the_limits_are_those_of_the_template(things):
    container, volume = named(things, "LimitRange", "workspaces")["spec"]["limits"]
    assert str(container["max"]["cpu"]) == default_of("max_cpu")
    assert container["max"]["memory"] == default_of("max_memory") + "Gi"
    assert volume["max"]["storage"] == default_of("max_volume_size") + "Gi"


def test_namespaces_admit_baseline_and_are_never_pruned(things):
    for thing in things:
        if thing["kind"] == "Namespace":
            meta = thing["metadata"]
            assert meta["labels"]["pod-security.kubernetes.io/enforce"] == "baseline"
            assert meta["annotations"]["kustomize.toolkit.fluxcd.io/prune"] == "disabled"


def test_the_token_is_made_by_the_operator_alone(things):
    """A Secret of the same name would be rewritten by Flux and the operator in turn."""
    item = named(things, "OnePasswordItem", "onepassword-connect-token")
    assert item["metadata"]["annotations"]["operator.1password.io/auto-restart"] == "true"
    assert not [thing for thing in things if thing["kind"] == "Secret"]
    release = named(things, "HelmRelease", "coder")
    assert release["metadata"]["namespace"] == item["metadata"]["namespace"]
    token = {e["name"]: e for e in release["spec"]["values"]["coder"]["env"]}["OP_CONNECT_TOKEN"]
    assert token["valueFrom"]["secretKeyRef"] == {"name": item["metadata"]["name"], "key": "credential"}


def test_coder_keeps_the_environment_that_it_had(things):
    release = named(things, "HelmRelease", "coder")
    assert [e["name"] for e in release["spec"]["values"]["coder"]["env"]] == [
        "CODER_ACCESS_URL",
        "CODER_WILDCARD_ACCESS_URL",
        "OP_CONNECT_HOST",
        "OP_CONNECT_TOKEN",
    ]


def test_every_object_has_a_namespace_that_exists(things):
    names = {thing["metadata"]["name"] for thing in things if thing["kind"] == "Namespace"}
    for thing in things:
        assert thing["kind"] == "Namespace" or thing["metadata"]["namespace"] in names, thing["metadata"]["name"]


def test_the_example_takes_only_what_is_there():
    for thing in build(EXAMPLE):
        if thing["kind"] == "Kustomization":
            path = ROOT / thing["spec"]["path"]
            for directory in [path, *(path / each for each in thing["spec"].get("components", []))]:
                assert (directory / "kustomization.yaml").is_file(), directory


def test_charts_and_images_are_pinned(things):
    for thing in things:
        if thing["kind"] == "HelmRelease":
            assert re.match(r"\d+\.\d+", thing["spec"]["chart"]["spec"]["version"]), thing["metadata"]["name"]
        for image in re.findall(r"^\s*-?\s*image: (\S+)$", yaml.safe_dump(thing), re.MULTILINE):
            assert PINNED.match(image), image


def test_nobodys_names_are_here():
    for file in FLUX.rglob("*"):
        assert file.is_dir() or not re.search("vgijssel|kzsqg7|haos|setup-coder", file.read_text()), file


def test_every_component_is_tried():
    assert set(COMPONENTS) == set(STANDALONE) | {"coder-connect-env", "registry-auth"}
