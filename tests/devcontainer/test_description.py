"""devcontainer.json and the feature's description: what envbuilder acts on and nothing else, read alike by the
devcontainers CLI."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(__file__).parent / "schemas"
DEVCONTAINER = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
FEATURE = json.loads((ROOT / "devcontainer/feature/workspaced/devcontainer-feature.json").read_text())


def validator(name):
    schema = json.loads((SCHEMAS / name).read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def devcontainers(*words):
    """The CLI's document; `true` plays a Docker that has no container yet."""
    done = subprocess.run(
        [os.environ["WORKSPACED_DEVCONTAINERS_CLI"], "read-configuration", "--docker-path", "true", *words],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_devcontainer_uses_only_what_envbuilder_acts_on():
    validator("devcontainer.schema.json").validate(DEVCONTAINER)


def test_the_feature_uses_only_what_envbuilder_acts_on():
    validator("feature.schema.json").validate(FEATURE)


@pytest.mark.parametrize(
    "ignored",
    [
        {"mounts": ["source=a,target=/b,type=volume"]},
        {"privileged": True},
        {"init": True},
        {"forwardPorts": [9001]},
        {"customizations": {}},
        {"postAttachCommand": "true"},
        {"dockerComposeFile": "compose.yaml"},
        {"build": {"dockerfile": "Dockerfile", "target": "build"}},
        {"features": {"../workspaced": {}}},
    ],
    ids=lambda addition: next(iter(addition)),
)
def test_what_envbuilder_ignores_would_be_found(ignored):
    assert not validator("devcontainer.schema.json").is_valid({**DEVCONTAINER, **ignored})


@pytest.mark.parametrize("ignored", ["entrypoint", "dependsOn", "installsAfter", "mounts", "privileged"])
def test_what_envbuilder_ignores_in_a_feature_would_be_found(ignored):
    assert not validator("feature.schema.json").is_valid({**FEATURE, ignored: {}})


def test_the_cli_finds_the_devcontainer_of_this_repository():
    configuration = devcontainers("--workspace-folder", str(ROOT))["configuration"]
    directory = Path(configuration["configFilePath"]["fsPath"]).parent
    assert (directory / configuration["build"]["dockerfile"]).samefile(ROOT / "devcontainer/Dockerfile")
    # Lexically, as the CLI and envbuilder do: neither follows the link .devcontainer before it goes up.
    assert os.path.normpath(directory / configuration["build"]["context"]) == str(ROOT)


def test_the_cli_takes_the_packaged_feature_from_beside_a_devcontainer(feature, tmp_path):
    directory = tmp_path / ".devcontainer"
    shutil.copytree(feature, directory / "workspaced")
    project = {"image": "debian:12", "features": {"./workspaced": {}}}
    validator("devcontainer.schema.json").validate(project)
    (directory / "devcontainer.json").write_text(json.dumps(project))
    found = devcontainers("--workspace-folder", str(tmp_path), "--include-features-configuration")
    (entry,) = found["featuresConfiguration"]["featureSets"][0]["features"]
    assert (entry["id"], entry["version"]) == (FEATURE["id"], FEATURE["version"])


def test_the_feature_has_the_version_of_the_program():
    (version,) = re.findall(r"project\(workspaced VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())
    assert FEATURE["version"] == version
